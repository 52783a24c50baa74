package io.shardguard.failover;

import io.shardguard.events.MemberAddress;
import io.shardguard.postgres.Login;
import io.shardguard.postgres.PgSession;
import io.shardguard.postgres.SessionException;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Tuple;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jboss.logging.Logger;

/**
 * One kind of work on one member: a session that is kept open, and a queue that is worked off in
 * order.
 *
 * <p>The session matters to safety (design I7): an action uses the session that was open before its
 * intent was committed. A successor ends every older session on first contact, so an instance that
 * was paused and wakes up has nothing to act with. Therefore a lane never opens a session for an
 * action that was asked for already.
 */
final class Lane implements AutoCloseable {

  private static final Logger LOG = Logger.getLogger(Lane.class);
  private static final String APPLICATION = "shardguard-failover-coordinator/";
  private static final String END_PREDECESSORS =
      """
      SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
      WHERE application_name LIKE 'shardguard-failover-coordinator/%' AND application_name <> $1\
      """;

  private final Vertx vertx;
  private final MemberAddress address;
  private final FailoverConfig config;
  private final String applicationName;
  private final ExecutorService work;
  private PgSession session;
  private boolean opening;

  /** A lane; {@code generation} is unique to the owner that it belongs to. */
  Lane(Vertx vertx, MemberAddress address, FailoverConfig config, String generation) {
    this.vertx = vertx;
    this.address = address;
    this.config = config;
    this.applicationName = APPLICATION + generation;
    this.work =
        Executors.newSingleThreadExecutor(
            Thread.ofVirtual().name("lane-" + address.name()).factory());
  }

  MemberAddress address() {
    return address;
  }

  /** The open session, if there is one. */
  synchronized Optional<PgSession> session() {
    return Optional.ofNullable(session).filter(PgSession::isOpen);
  }

  /** Begins to open a session unless one is open or being opened. */
  synchronized void keepOpen() {
    if (!opening && session().isEmpty()) {
      opening = true;
      work.execute(this::open);
    }
  }

  /** Runs work in this lane's order; not at all once the lane is closed. */
  synchronized void run(Runnable carryOut) {
    if (!work.isShutdown()) {
      work.execute(carryOut);
    }
  }

  @Override
  public synchronized void close() {
    work.shutdownNow();
    session().ifPresent(PgSession::close);
  }

  private void open() {
    PgSession opened = null;
    try {
      var failover = config.failover();
      Login login =
          Login.of(failover.role(), failover.database(), applicationName, config.secretsDir());
      opened =
          PgSession.await(
              PgSession.open(
                  vertx, address.host(), address.port(), login, failover.connectWithin()));
      PgSession.await(
          opened.query(END_PREDECESSORS, Tuple.of(applicationName), failover.statementWithin()));
    } catch (SessionException | IOException e) {
      LOG.debugf("member=%s no session yet: %s", address.name(), e.getMessage());
      close(opened);
      opened = null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      close(opened);
      opened = null;
    }
    opened(opened);
  }

  private synchronized void opened(PgSession result) {
    opening = false;
    if (work.isShutdown()) {
      close(result);
    } else {
      session = result;
    }
  }

  private static void close(PgSession session) {
    if (session != null) {
      session.close();
    }
  }
}
