package io.shardguard.healthmonitor.probe;

import io.shardguard.events.MemberAddress;
import io.shardguard.healthmonitor.core.ProbeResult;
import io.shardguard.healthmonitor.core.ProbeResult.Answered;
import io.shardguard.healthmonitor.core.ProbeResult.Broken;
import io.shardguard.healthmonitor.core.ProbeResult.NewSession;
import io.shardguard.healthmonitor.core.ProbeResult.Outcome;
import io.shardguard.healthmonitor.core.ProbeResult.Rejected;
import io.shardguard.healthmonitor.core.ProbeResult.TimedOut;
import io.shardguard.postgres.Login;
import io.shardguard.postgres.PgSession;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.BiConsumer;
import org.jboss.logging.Logger;

/**
 * Asks one member: over one session that stays open, and by trying new ones. Everything happens on
 * one event loop, the caller's; results go to the sink there.
 *
 * <p>At most one new session is pending at any time: a frozen server keeps the socket of each until
 * it wakes.
 */
public final class MemberProbe {

  private static final Logger LOG = Logger.getLogger(MemberProbe.class);

  /** Between urgent questions, and before the next attempt after a login that broke off. */
  private static final long SOON_MILLIS = 10;

  /** Logins that break off in a row, after which the next attempt waits for its turn. */
  private static final int BREAKS = 5;

  private final Vertx vertx;
  private final Clock clock;
  private final MemberAddress member;
  private final Logins logins;
  private final ProbeTimes times;
  private final BiConsumer<ProbeResult, Duration> sink;

  private PgSession session;
  private boolean prepared;
  private boolean asking;
  private boolean askSoon;
  private boolean connecting;
  private boolean stopped;
  private int givenUp;
  private int breaks;
  private Instant askedAt = Instant.EPOCH;
  private Instant nextConnect = Instant.EPOCH;
  private String complaint = "";

  /**
   * @param sink gets each result, with how long the member took
   */
  public MemberProbe(
      Vertx vertx,
      Clock clock,
      MemberAddress member,
      Logins logins,
      ProbeTimes times,
      BiConsumer<ProbeResult, Duration> sink) {
    this.vertx = vertx;
    this.clock = clock;
    this.member = member;
    this.logins = logins;
    this.times = times;
    this.sink = sink;
  }

  /** Does what is due; to be called at every probe interval. */
  public void tick() {
    if (stopped) {
      return;
    }
    if (session != null && prepared && !asking) {
      ask();
    }
    if (!connecting && !clock.instant().isBefore(nextConnect)) {
      connect();
    }
  }

  /** Asks the open session now, or as soon as it has answered the question before. */
  public void askNow() {
    if (askSoon || stopped) {
      return;
    }
    if (clock.instant().isAfter(askedAt.plusMillis(SOON_MILLIS))) {
      askIfIdle();
    } else {
      askSoon = true;
      vertx.setTimer(SOON_MILLIS, t -> askIfIdle());
    }
  }

  /** Drops the session; no result comes after this. */
  public void stop() {
    stopped = true;
    if (session != null) {
      session.close();
      session = null;
    }
  }

  private void askIfIdle() {
    askSoon = false;
    if (session != null && prepared && !asking && !stopped) {
      ask();
    }
  }

  private void ask() {
    asking = true;
    PgSession asked = session;
    Instant at = clock.instant();
    askedAt = at;
    asked
        .query(StatusQuery.EXECUTE, times.timeout())
        .map(rows -> (ProbeResult) new Answered(at, StatusQuery.status(rows.iterator().next())))
        .onComplete(answer -> {
          if (session != asked) {
            return;
          }
          asking = false;
          if (answer.succeeded()) {
            report(answer.result(), at);
          } else {
            queryFailed(asked, answer.cause(), at);
          }
        });
  }

  private void queryFailed(PgSession asked, Throwable cause, Instant at) {
    ProbeResult result;
    try {
      result = Failures.ofQuery(cause, at);
    } catch (IllegalStateException bug) {
      LOG.errorf(bug, "member=%s the answer to the status query could not be read", member.name());
      result = new Rejected(at, "", String.valueOf(cause.getMessage()));
    }
    complainOf(result);
    lost(asked, result, at);
  }

  /**
   * The session is of no use any more: say why, and try a new one; at once, if this one ever was of
   * use.
   */
  private void lost(PgSession which, ProbeResult why, Instant at) {
    if (session != which || stopped) {
      return;
    }
    boolean atOnce = prepared && !(why instanceof Rejected);
    session = null;
    prepared = false;
    asking = false;
    which.close();
    report(why, at);
    if (why instanceof Rejected) {
      nextConnect = clock.instant().plus(times.connectInterval());
    } else {
      nextConnect = Instant.EPOCH;
    }
    if (atOnce && !connecting) {
      connect();
    }
  }

  private void connect() {
    Login login = logins.current();
    Instant at = clock.instant();
    if (login == null) {
      nextConnect = at.plus(times.connectInterval());
      return;
    }
    connecting = true;
    long patience = vertx.setTimer(times.connectTimeout().toMillis(), t -> reportPending(at));
    PgSession.open(vertx, member.host(), member.port(), login, giveUp())
        .onComplete(opened -> {
          vertx.cancelTimer(patience);
          connecting = false;
          if (stopped) {
            if (opened.succeeded()) {
              opened.result().close();
            }
          } else if (opened.succeeded()) {
            connected(opened.result(), at);
          } else {
            notConnected(opened.cause(), at);
          }
        });
  }

  private Duration giveUp() {
    Duration doubled = times.giveUp().multipliedBy(1L << Math.min(givenUp, 10));
    return doubled.compareTo(times.giveUpMax()) < 0 ? doubled : times.giveUpMax();
  }

  private void reportPending(Instant since) {
    if (stopped) {
      return;
    }
    String words =
        "no session to "
            + member.hostAndPort()
            + " within "
            + times.connectTimeout().toMillis()
            + " ms";
    report(
        session == null ? new TimedOut(words) : new NewSession(Outcome.NOT_ACCEPTED, words), since);
  }

  private void connected(PgSession opened, Instant at) {
    givenUp = 0;
    complaint = "";
    nextConnect = clock.instant().plus(times.connectInterval());
    report(new NewSession(Outcome.ACCEPTED, ""), at);
    if (session != null) {
      opened.close();
      return;
    }
    session = opened;
    opened.onClose(() ->
        lost(
            opened,
            new Broken("the open session to " + member.hostAndPort() + " broke"),
            clock.instant()));
    opened
        .query(StatusQuery.PREPARE, times.timeout())
        .onComplete(done -> {
          if (session != opened) {
            return;
          }
          if (done.succeeded()) {
            prepared = true;
            ask();
          } else {
            queryFailed(opened, done.cause(), at);
          }
        });
  }

  private void notConnected(Throwable cause, Instant at) {
    if (session != null) {
      nextConnect = clock.instant().plus(times.connectInterval());
      NewSession result = Failures.ofNewSession(cause);
      report(result, at);
      return;
    }
    ProbeResult result = Failures.ofConnect(cause, at);
    complainOf(result);
    nextConnect = nextConnectAfter(result);
    report(result, at);
  }

  private Instant nextConnectAfter(ProbeResult result) {
    givenUp = result instanceof TimedOut ? givenUp + 1 : 0;
    if (result instanceof Rejected rejected && !rejected.sqlState().equals("57P03")) {
      logins.forget();
      return clock.instant().plus(times.connectInterval());
    }
    breaks = result instanceof Broken ? breaks + 1 : 0;
    if (result instanceof Broken && breaks <= BREAKS) {
      vertx.setTimer(SOON_MILLIS, t -> tick());
    }
    return Instant.EPOCH;
  }

  /** What only a person can mend is logged, once until it changes. */
  private void complainOf(ProbeResult result) {
    if (!(result instanceof Rejected rejected) || rejected.sqlState().equals("57P03")) {
      return;
    }
    if (!rejected.sqlState().equals(complaint)) {
      complaint = rejected.sqlState();
      String remedy =
          complaint.startsWith("28")
              ? "; is the password in "
                  + logins.file()
                  + " the role's, and does pg_hba.conf admit it?"
              : "";
      LOG.errorf(
          "member=%s address=%s the server rejects the monitor (SQLSTATE %s): %s%s",
          member.name(), member.hostAndPort(), rejected.sqlState(), rejected.reason(), remedy);
    }
  }

  private void report(ProbeResult result, Instant since) {
    if (!stopped) {
      sink.accept(result, Duration.between(since, clock.instant()));
    }
  }
}
