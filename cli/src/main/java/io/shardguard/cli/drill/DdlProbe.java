package io.shardguard.cli.drill;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.OptionalLong;

/**
 * Distributes a table over all groups, and drops it, again and again from a fault on until that
 * works: DDL is refused while any worker lacks the newest metadata.
 */
final class DdlProbe implements Runnable {

  private static final long PAUSE_MILLIS = 50;
  private static final String TABLE = "shardguard_drill_ddl";

  private final Sessions sessions;
  private final int shards;
  private volatile long workedNanos;
  private volatile boolean worked;
  private volatile boolean stop;
  private volatile String lastError = "";

  /** How to get a session. */
  interface Sessions {
    Connection open() throws SQLException;
  }

  /**
   * A probe.
   *
   * @param shards of the table: each group is to have one at least
   */
  DdlProbe(Sessions sessions, int shards) {
    this.sessions = sessions;
    this.shards = shards;
  }

  @Override
  public void run() {
    while (!stop && !worked) {
      try (Connection session = sessions.open()) {
        while (!stop && !worked) {
          attempt(session);
        }
      } catch (SQLException e) {
        lastError = String.valueOf(e.getMessage());
        pause();
      }
    }
  }

  private void attempt(Connection session) throws SQLException {
    try (Statement statement = session.createStatement()) {
      statement.execute("DROP TABLE IF EXISTS " + TABLE);
      statement.execute("CREATE TABLE " + TABLE + " (id bigint)");
      statement.execute(
          "SELECT create_distributed_table('" + TABLE + "', 'id', shard_count => " + shards + ")");
      statement.execute("DROP TABLE " + TABLE);
      workedNanos = System.nanoTime();
      worked = true;
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits until DDL worked, but not for longer than the bound; then it is given up. */
  void await(Thread runner, Duration bound) throws InterruptedException {
    runner.join(bound);
    stop = true;
  }

  /** When a table had been distributed and dropped, by {@link System#nanoTime}. */
  OptionalLong workedNanos() {
    return worked ? OptionalLong.of(workedNanos) : OptionalLong.empty();
  }

  /** Why it did not work when it was last tried in vain; empty if it never failed. */
  String lastError() {
    return lastError;
  }
}
