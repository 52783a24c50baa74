package io.shardguard.testkit;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.awaitility.core.ConditionTimeoutException;

/**
 * A real PostgreSQL on a loopback address, in a temporary directory, for one test.
 *
 * <p>The superuser is {@code postgres}; every role of a test uses {@link #PASSWORD}. The server's
 * environment has a PGPASSFILE with that password for every host and role, so that standbys,
 * postgres_fdw and Citus can log in elsewhere. {@code fsync} is off: a test survives the death of
 * processes, not of the machine.
 *
 * <p>{@link #close} kills what runs and removes the directory; a JVM that ends does the same for
 * servers left open.
 */
public final class PostgresServer implements AutoCloseable {

  /** The password of every role in tests. */
  public static final String PASSWORD = "a-password-for-tests";

  private static final Duration START_BOUND = Duration.ofSeconds(60);
  private static final Duration POLL = Duration.ofMillis(20);

  private final String name;
  private final String address;
  private final int port;
  private final Map<String, String> settings;
  private final Path directory;
  private final Thread cleanup = new Thread(this::destroy);
  private ServerProcesses processes;

  PostgresServer(String name, String address, int port, Map<String, String> settings) {
    this.name = name;
    this.address = address;
    this.port = port;
    this.settings = new LinkedHashMap<>(settings);
    this.directory = ScratchDirectory.create("pg");
    Runtime.getRuntime().addShutdownHook(cleanup);
  }

  /** Describes a new, empty server; end with {@link ServerSpec#start}. */
  public static ServerSpec named(String name) {
    return new ServerSpec(name, null);
  }

  /** Starts a new, empty server with default settings. */
  public static PostgresServer start(String name) {
    return named(name).start();
  }

  /**
   * Whether the Citus extension is installed on this machine; tests that need it are skipped
   * otherwise.
   */
  public static boolean citusAvailable() {
    return PostgresInstallation.hasExtension("citus");
  }

  /**
   * Describes a streaming standby of this running server, with this server's settings. Its
   * application_name and its physical slot on the primary (dashes become underscores) are its name.
   */
  public ServerSpec standby(String standbyName) {
    return new ServerSpec(standbyName, this);
  }

  /** The member's name, which is also its application_name when it streams. */
  public String name() {
    return name;
  }

  /** The loopback address it listens on. */
  public String host() {
    return address;
  }

  /** The TCP port it listens on. */
  public int port() {
    return port;
  }

  /** The data directory; owned by the server's user. */
  public Path dataDirectory() {
    return directory.resolve("data");
  }

  /** The pg_hba.conf in use, outside the data directory. */
  public Path hbaFile() {
    return directory.resolve("pg_hba.conf");
  }

  /**
   * The postgresql.conf in use, outside the data directory, so that pg_rewind and base backups
   * leave it alone.
   */
  public Path configFile() {
    return directory.resolve("postgresql.conf");
  }

  /** The password file that the server's processes use; owned by the server's user. */
  public Path passwordFile() {
    return directory.resolve("pgpass");
  }

  /** JDBC address of a database here. */
  public String jdbcUrl(String database) {
    return "jdbc:postgresql://" + address + ":" + port + "/" + database;
  }

  /** libpq's connection string for a database here, with the password. */
  public String conninfo(String user, String database) {
    return "host="
        + address
        + " port="
        + port
        + " user="
        + user
        + " password="
        + PASSWORD
        + " dbname="
        + database;
  }

  Map<String, String> settings() {
    return settings;
  }

  /**
   * Starts the server again on the same data and port, and waits until it answers SQL.
   *
   * @throws IllegalStateException with the end of the log when it does not come up within a minute
   */
  public void start() {
    processes = new ServerProcesses(launch());
    try {
      await().atMost(START_BOUND).pollInterval(POLL).until(() -> !processes.alive() || answers());
    } catch (ConditionTimeoutException e) {
      throw new IllegalStateException(name + " does not answer:\n" + logTail(40), e);
    }
    if (!processes.alive()) {
      throw new IllegalStateException(name + " ended while starting:\n" + logTail(40));
    }
  }

  private Process launch() {
    ProcessBuilder builder =
        new ProcessBuilder(
                Command.wrappedForServerUser(
                    List.of(
                        PostgresInstallation.program("postgres"),
                        "-D",
                        dataDirectory().toString(),
                        "-c",
                        "config_file=" + configFile())))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(logFile().toFile()))
            .redirectInput(Path.of("/dev/null").toFile());
    builder.environment().put("PGPASSFILE", passwordFile().toString());
    try {
      return builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start " + name, e);
    }
  }

  private boolean answers() {
    try (Connection connection = connect("postgres", "postgres")) {
      return connection.isValid(5);
    } catch (SQLException notYet) {
      return false;
    }
  }

  /** Ends all sessions and stops in order (a fast shutdown); returns when the server has ended. */
  public void stop() {
    end("INT");
  }

  /** Stops without a checkpoint (an immediate shutdown): the next start recovers from the WAL. */
  public void stopImmediately() {
    end("QUIT");
  }

  private void end(String signal) {
    if (isRunning()) {
      processes.tellPostmaster(signal);
      processes.awaitEnd();
    }
  }

  /** Kills the postmaster and all its children with SIGKILL; returns when all are gone. */
  public void kill() {
    if (processes != null) {
      processes.kill();
    }
  }

  /** Stops all processes with SIGSTOP: the kernel still accepts connections, nobody answers. */
  public void freeze() {
    processes.freeze();
  }

  /** Stops the postmaster alone with SIGSTOP: sessions go on, and no new one comes about. */
  public void freezePostmaster() {
    processes.tellPostmaster("STOP");
  }

  /**
   * Stops one of the server's own processes with SIGSTOP; the others go on.
   *
   * @param type as in pg_stat_activity's backend_type, e.g. {@code walreceiver}
   */
  public void freezeProcess(String type) {
    String query = "SELECT pid FROM pg_stat_activity WHERE backend_type = '" + type + "'";
    processes.tell("STOP", Long.parseLong(value("postgres", query)));
  }

  /** Lets the processes of a frozen server go on. */
  public void thaw() {
    processes.thaw();
  }

  /** Whether the postmaster exists; true for a frozen one too. */
  public boolean isRunning() {
    return processes != null && processes.alive();
  }

  /** Process ids of the postmaster (first) and its children; empty when it does not run. */
  public Set<Long> pids() {
    return processes == null ? Set.of() : processes.pids();
  }

  /** Promotes a standby and returns when it takes writes. */
  public void promote() {
    execute("postgres", "SELECT pg_promote(false)");
    await()
        .atMost(START_BOUND)
        .pollInterval(POLL)
        .until(() -> "f".equals(value("postgres", "SELECT pg_is_in_recovery()")));
  }

  /** Opens a connection as the superuser. */
  public Connection connect(String database) throws SQLException {
    return connect("postgres", database);
  }

  /** Opens a connection as this role; login is given up after 10 s. */
  public Connection connect(String user, String database) throws SQLException {
    return DriverManager.getConnection(
        jdbcUrl(database) + "?loginTimeout=10&ApplicationName=testkit", user, PASSWORD);
  }

  /** Runs statements as the superuser, each string in a transaction of its own. */
  public void execute(String database, String... statements) {
    executeAs("postgres", database, statements);
  }

  /**
   * Runs statements as this role, each string in a transaction of its own.
   *
   * @throws IllegalStateException with the server's message; the cause is the {@link SQLException}
   */
  public void executeAs(String user, String database, String... statements) {
    try (Connection connection = connect(user, database);
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(name + ": " + e.getMessage(), e);
    }
  }

  /**
   * The first column of a query's first row as text, asked as the superuser; null when that is
   * NULL.
   */
  public String value(String database, String sql) {
    return valueAs("postgres", database, sql);
  }

  /**
   * The first column of a query's first row as text, asked as this role; null when that is NULL.
   *
   * @throws IllegalStateException when the query fails or has no row
   */
  public String valueAs(String user, String database, String sql) {
    try (Connection connection = connect(user, database);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      if (!rows.next()) {
        throw new IllegalStateException(name + ": no row from " + sql);
      }
      return rows.getString(1);
    } catch (SQLException e) {
      throw new IllegalStateException(name + ": " + e.getMessage(), e);
    }
  }

  /** The last lines of the server's log. */
  public String logTail(int lines) {
    try {
      List<String> all = Files.readAllLines(logFile());
      return String.join("\n", all.subList(Math.max(0, all.size() - lines), all.size()));
    } catch (IOException e) {
      return "(no log: " + e.getMessage() + ")";
    }
  }

  private Path logFile() {
    return directory.resolve("server.log");
  }

  void createEmpty() {
    PostgresInstallation.newCluster(dataDirectory());
    writeConfiguration();
  }

  void cloneFrom(PostgresServer primary) {
    String slot = name.replace('-', '_');
    writeConfiguration();
    Command.asServerUser(
        Command.environment("PGPASSFILE", passwordFile().toString()),
        List.of(
            PostgresInstallation.program("pg_basebackup"),
            "-h",
            primary.host(),
            "-p",
            "" + primary.port(),
            "-U",
            "postgres",
            "-D",
            dataDirectory().toString(),
            "--wal-method=stream",
            "--checkpoint=fast",
            "--no-sync",
            "--create-slot",
            "--slot=" + slot));
    ScratchDirectory.write(dataDirectory().resolve("standby.signal"), "");
    ScratchDirectory.write(
        dataDirectory().resolve("postgresql.auto.conf"),
        "primary_conninfo = "
            + quoted(
                "host="
                    + primary.host()
                    + " port="
                    + primary.port()
                    + " user=postgres application_name="
                    + name)
            + "\n"
            + "primary_slot_name = "
            + quoted(slot)
            + "\n");
  }

  private void writeConfiguration() {
    Map<String, String> all = new LinkedHashMap<>(ServerDefaults.SETTINGS);
    all.putAll(settings);
    all.put("listen_addresses", address);
    all.put("port", Integer.toString(port));
    all.put("unix_socket_directories", directory.toString());
    all.put("hba_file", hbaFile().toString());
    ScratchDirectory.write(
        configFile(),
        all.entrySet().stream()
            .map(line -> line.getKey() + " = " + quoted(line.getValue()) + "\n")
            .collect(Collectors.joining()));
    ScratchDirectory.write(hbaFile(), ServerDefaults.HBA);
    ScratchDirectory.write(passwordFile(), "*:*:*:*:" + PASSWORD + "\n");
    ScratchDirectory.write(logFile(), "");
  }

  private static String quoted(String value) {
    return "'" + value.replace("'", "''") + "'";
  }

  /** Kills the server if it runs and removes its directory; may be called twice. */
  @Override
  public void close() {
    destroy();
    try {
      Runtime.getRuntime().removeShutdownHook(cleanup);
    } catch (IllegalStateException theJvmIsEnding) {
      // the hook itself has run or runs now
    }
  }

  private void destroy() {
    kill();
    ScratchDirectory.delete(directory);
  }
}
