package io.shardguard.cli.drill.nemesis;

import io.shardguard.cli.drill.Ledger;
import io.shardguard.cli.drill.Writer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Lock;
import java.util.random.RandomGenerator;

/** Makes one transfer after the other, and does not give up, until it is told to stop. */
final class Teller implements Runnable {

  private final Writer.Sessions sessions;
  private final Till till;
  private final RandomGenerator random;
  private final Ledger errors;
  private final Lock open;
  private final AtomicBoolean stop;
  private final Duration pause;

  /**
   * What all tellers share.
   *
   * @param nextId of the next transfer
   */
  record Till(AccountTable table, AccountPairs pairs, TransferLedger ledger, AtomicLong nextId) {}

  /**
   * A teller.
   *
   * @param errors what went wrong is counted there
   * @param open held during each transfer: who holds its counterpart keeps tellers from working
   * @param pause between two transfers, and before the next try
   */
  Teller(
      Writer.Sessions sessions,
      Till till,
      RandomGenerator random,
      Ledger errors,
      Lock open,
      AtomicBoolean stop,
      Duration pause) {
    this.sessions = sessions;
    this.till = till;
    this.random = random;
    this.errors = errors;
    this.open = open;
    this.stop = stop;
    this.pause = pause;
  }

  @Override
  public void run() {
    while (!stop.get()) {
      try (Connection session = sessions.open()) {
        session.setAutoCommit(false);
        while (!stop.get() && !session.isClosed()) {
          work(session);
          pause();
        }
      } catch (SQLException e) {
        errors.error(e);
        pause();
      }
    }
  }

  private void work(Connection session) throws SQLException {
    open.lock();
    try {
      transfer(session);
    } finally {
      open.unlock();
    }
  }

  /** A failed transfer may have been committed, or may yet be. */
  private void transfer(Connection session) throws SQLException {
    Transfer transfer = till.pairs().draw(till.nextId().incrementAndGet(), random);
    try {
      session.clearWarnings();
      till.table().transfer(session, transfer);
      if (Writer.waitWasCancelled(session.getWarnings())) {
        till.ledger().unknown();
        errors.error(session.getWarnings().getMessage());
      } else {
        till.ledger().acknowledged(transfer, System.nanoTime());
      }
    } catch (SQLException e) {
      till.ledger().unknown();
      if (Writer.endsSession(e)) {
        throw e;
      }
      errors.error(e);
      session.rollback();
    }
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
