package io.shardguard.provisioner;

import static org.awaitility.Awaitility.await;

import io.shardguard.events.MemberAddress;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/** SQL for tests, as any role. */
public final class TestSql {

  private TestSql() {}

  /** Runs a statement. */
  public static void run(MemberAddress member, String role, String database, String sql)
      throws SQLException {
    try (Connection connection = connect(member, role, database);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** The first column of a query's first row; null if that is NULL. */
  public static String value(MemberAddress member, String role, String database, String sql)
      throws SQLException {
    try (Connection connection = connect(member, role, database);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getString(1);
    }
  }

  /**
   * Waits until a server answers whether it is in recovery.
   *
   * @param answer {@code t} or {@code f}
   */
  public static void awaitRecovery(MemberAddress member, String answer, Duration atMost) {
    await()
        .atMost(atMost)
        .pollInterval(Duration.ofMillis(50))
        .ignoreExceptions()
        .until(() ->
            answer.equals(value(member, "postgres", "postgres", "SELECT pg_is_in_recovery()")));
  }

  private static Connection connect(MemberAddress member, String role, String database)
      throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://" + member.hostAndPort() + "/" + database + "?loginTimeout=10",
        role,
        TestState.password(role));
  }
}
