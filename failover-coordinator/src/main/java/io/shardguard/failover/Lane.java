package io.shardguard.failover;

import io.shardguard.events.MemberAddress;
import io.shardguard.failover.core.Action;
import io.shardguard.postgres.Login;
import io.shardguard.postgres.PgSession;
import io.shardguard.postgres.SessionException;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Tuple;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
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
  private static final String END_OLDER =
      """
      SELECT count(pg_terminate_backend(pid)) = 0 FROM pg_stat_activity
      WHERE application_name LIKE 'shardguard-failover-coordinator/%'
        AND application_name <> $1
        AND (application_name NOT LIKE $2 OR application_name LIKE $3)\
      """;
  private static final Duration POLL = Duration.ofMillis(20);

  /**
   * Citus would keep connections to other members and fail once on each that died since, with an
   * error (57P01) that the client takes for this server's goodbye and answers no query with.
   */
  private static final String KEEP_NO_CONNECTIONS = "SET citus.max_cached_conns_per_worker = 0";

  private final Vertx vertx;
  private final MemberAddress address;
  private final FailoverConfig config;
  private final String generation;
  private final String name;
  private final ExecutorService work;
  private final CountDownLatch tried = new CountDownLatch(1);
  private PgSession session;
  private boolean opening;
  private int attempts;

  /** A lane; {@code generation} is unique to the owner that it belongs to. */
  Lane(
      Vertx vertx,
      MemberAddress address,
      Action.Lane kind,
      FailoverConfig config,
      String generation) {
    this.vertx = vertx;
    this.address = address;
    this.config = config;
    this.generation = APPLICATION + generation;
    this.name = this.generation + "/" + kind.name().charAt(0) + "/";
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

  /**
   * Waits until the first try to open a session is over, however it ended.
   *
   * @param until by {@link System#nanoTime}; if that has passed, it does not wait
   * @return false if it is not over
   */
  boolean awaitFirstTry(long until) throws InterruptedException {
    return tried.await(until - System.nanoTime(), TimeUnit.NANOSECONDS);
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
    tried.countDown();
    session().ifPresent(PgSession::close);
  }

  private void open() {
    PgSession candidate = null;
    boolean alone = false;
    try {
      FailoverConfig.Failover failover = config.failover();
      String own = name + ++attempts;
      Login login = Login.of(failover.role(), failover.database(), own, config.secretsDir());
      candidate =
          PgSession.await(
              PgSession.open(
                  vertx, address.host(), address.port(), login, failover.connectWithin()));
      PgSession.await(candidate.query(KEEP_NO_CONNECTIONS, failover.statementWithin()));
      alone = endOlder(candidate, own);
    } catch (SessionException | IOException e) {
      LOG.debugf("member=%s no session yet: %s", address.name(), e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (candidate != null && !alone) {
      candidate.close();
    }
    opened(alone ? candidate : null);
  }

  /**
   * Ends the sessions of predecessors, and those that this lane gave up: a server that hung may
   * have their last statement still before it. Only when none is left is this session of use.
   */
  private boolean endOlder(PgSession session, String own)
      throws SessionException, InterruptedException {
    Duration within = config.failover().statementWithin();
    Tuple names = Tuple.of(own, generation + "/%", name + "%");
    long giveUpAt = System.nanoTime() + within.toNanos();
    while (!PgSession.await(session.query(END_OLDER, names, within))
        .iterator()
        .next()
        .getBoolean(0)) {
      if (System.nanoTime() > giveUpAt) {
        LOG.warnf("member=%s older sessions do not end", address.name());
        return false;
      }
      Thread.sleep(POLL);
    }
    return true;
  }

  private synchronized void opened(PgSession result) {
    opening = false;
    session = result;
    tried.countDown();
    if (result != null && work.isShutdown()) {
      result.close();
    }
  }
}
