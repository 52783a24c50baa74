package io.shardguard.cli.drill;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Writes one row after the other, as an application would that does not give up, until it is told
 * to stop.
 */
public final class Writer implements Runnable {

  /** More rows than a writer can make in a drill: the ids of different writers never meet. */
  private static final long IDS_PER_WRITER = 1_000_000_000L;

  private final Sessions sessions;
  private final DrillTable table;
  private final int group;
  private final List<Integer> keys;
  private final Ledger ledger;
  private final AtomicBoolean stop;
  private final Duration pause;
  private long nextId;

  /** Opens sessions to the cluster. */
  public interface Sessions {
    Connection open() throws SQLException;
  }

  /**
   * A writer.
   *
   * @param number tells the writers apart
   * @param group the group that holds the keys' shards
   * @param pause between two writes, and before the next try: a drill is to show the outage, not to
   *     load the machine
   */
  public Writer(
      Sessions sessions,
      DrillTable table,
      int number,
      int group,
      List<Integer> keys,
      Ledger ledger,
      AtomicBoolean stop,
      Duration pause) {
    this.sessions = sessions;
    this.table = table;
    this.nextId = number * IDS_PER_WRITER;
    this.group = group;
    this.keys = keys;
    this.ledger = ledger;
    this.stop = stop;
    this.pause = pause;
  }

  @Override
  public void run() {
    while (!stop.get()) {
      try (Connection session = sessions.open();
          PreparedStatement insert = table.insert(session)) {
        while (!stop.get() && !session.isClosed()) {
          write(insert);
          pause();
        }
      } catch (SQLException e) {
        ledger.error(e);
        pause();
      }
    }
  }

  /** Never the same id again: whether a failed write is there cannot be known. */
  private void write(PreparedStatement insert) throws SQLException {
    long id = nextId++;
    try {
      table.write(insert, id, keys.get((int) (id % keys.size())));
      if (waitWasCancelled(insert.getWarnings())) {
        ledger.unknown(id);
        ledger.error(insert.getWarnings().getMessage());
      } else {
        ledger.acknowledged(id, group, System.nanoTime());
      }
    } catch (SQLException e) {
      ledger.unknown(id);
      if (endsSession(e)) {
        throw e;
      }
      ledger.error(e);
    }
  }

  /**
   * Class 08: the connection failed; 57P: the server ends it. Other errors leave the session
   * usable.
   */
  public static boolean endsSession(SQLException e) {
    String state = e.getSQLState();
    return state == null || state.startsWith("08") || state.startsWith("57P");
  }

  /** Committed here, but no standby has said that it has it. */
  public static boolean waitWasCancelled(SQLWarning warning) {
    for (SQLWarning w = warning; w != null; w = w.getNextWarning()) {
      if (w.getMessage().contains("canceling wait for synchronous replication")
          || w.getMessage().contains("canceling the wait for synchronous replication")) {
        return true;
      }
    }
    return false;
  }

  private void pause() {
    try {
      Thread.sleep(pause);
    } catch (InterruptedException e) {
      stop.set(true);
      Thread.currentThread().interrupt();
    }
  }
}
