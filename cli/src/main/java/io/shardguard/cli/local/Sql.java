package io.shardguard.cli.local;

import io.shardguard.cli.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

/** Sessions of the application's role in the cluster's database, through HAProxy. */
public final class Sql {

  /** The application's role and the cluster's database. */
  public static final String ROLE = "app";

  public static final String DATABASE = "citus";

  private Sql() {}

  /** A session with short bounds: connected in 2 s, each answer within 10 s. */
  public static Connection connect(Installation installation, int port) throws SQLException {
    return connect(url(port), password(installation.state()), 10);
  }

  /** A session, with the seconds after which an answer is given up. */
  public static Connection connect(String url, String password, int answerSeconds)
      throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", ROLE);
    properties.setProperty("password", password);
    properties.setProperty("connectTimeout", "2");
    properties.setProperty("loginTimeout", "2");
    properties.setProperty("socketTimeout", Integer.toString(answerSeconds));
    properties.setProperty("ApplicationName", "shardguard-cli");
    properties.setProperty("prepareThreshold", "0");
    return new org.postgresql.Driver().connect(url, properties);
  }

  /** The database behind a port of HAProxy. */
  public static String url(int port) {
    return "jdbc:postgresql://127.0.0.1:" + port + "/" + DATABASE;
  }

  /** The password of the application's role. */
  public static String password(StateDirectory state) {
    try {
      return Files.readString(state.secrets().resolve(ROLE + ".password")).strip();
    } catch (IOException e) {
      throw Failure.precondition(
          "The password of " + ROLE + " cannot be read (" + e.getMessage() + ").",
          "Run this as the user who made the cluster, or as root.");
    }
  }

  /** The first column of the first row. */
  public static String text(Connection session, String query) throws SQLException {
    try (Statement statement = session.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      return rows.next() ? rows.getString(1) : null;
    }
  }

  /**
   * psql on the write port, as the application; more arguments may be added. Where it is not
   * installed, a member's container lends its own: it sees no file of this machine.
   */
  public static List<String> psql(Installation installation) {
    if (installation.docker() && !Files.isExecutable(Path.of(installation.postgresBin(), "psql"))) {
      return new DockerStack(installation).psql(List.of("-U", ROLE, "-d", DATABASE));
    }
    return new ArrayList<>(
        List.of(
            installation.postgresBin() + "/psql",
            "-h",
            "127.0.0.1",
            "-p",
            Integer.toString(installation.ports().write()),
            "-U",
            ROLE,
            "-d",
            DATABASE));
  }
}
