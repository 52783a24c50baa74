package io.shardguard.simulator;

import static io.shardguard.simulator.Agenda.MILLI;
import static io.shardguard.simulator.Agenda.SECOND;

import io.shardguard.events.Observation.MemberStatus;
import io.shardguard.healthmonitor.core.ProbeResult;
import io.shardguard.healthmonitor.core.ProbeResult.Answered;
import io.shardguard.healthmonitor.core.ProbeResult.Broken;
import io.shardguard.healthmonitor.core.ProbeResult.NewSession;
import io.shardguard.healthmonitor.core.ProbeResult.Refused;
import io.shardguard.healthmonitor.core.ProbeResult.Rejected;
import io.shardguard.healthmonitor.core.ProbeResult.TimedOut;
import java.time.Instant;

/** Asks one member: over a session that stays open, and by trying new ones. */
final class Probe {

  private static final long TIMEOUT = SECOND;
  private static final long CONNECT_INTERVAL = 10 * SECOND;
  private static final long GIVE_UP = 5 * SECOND;
  private static final long SOON = 10 * MILLI;

  private final Monitor monitor;
  private final Member member;
  private Session session;
  private boolean asking;
  private boolean connecting;
  private int breaks;
  private long nextConnect;

  Probe(Monitor monitor, Member member) {
    this.monitor = monitor;
    this.member = member;
  }

  private long now() {
    return monitor.world.agenda.now();
  }

  /** Does what is due. */
  void tick() {
    askNow();
    if (!connecting && now() >= nextConnect) {
      connect();
    }
  }

  void askNow() {
    if (session != null && !asking) {
      ask();
    }
  }

  private void ask() {
    asking = true;
    Session asked = session;
    Instant at = monitor.clock();
    asked.ask(
        TIMEOUT,
        m -> Reply.ok(m.status()),
        reply -> {
          if (session != asked) {
            return;
          }
          asking = false;
          if (reply.ok()) {
            report(new Answered(at, (MemberStatus) reply.value()));
          } else {
            lost(
                asked,
                reply.kind() == Reply.Kind.TIMED_OUT
                    ? new TimedOut("no answer within 1000 ms")
                    : new Broken("the session broke"));
          }
        });
  }

  private void lost(Session which, ProbeResult why) {
    if (session != which) {
      return;
    }
    session = null;
    asking = false;
    which.close();
    nextConnect = 0;
    report(why);
    if (!connecting) {
      connect();
    }
  }

  private void connect() {
    connecting = true;
    Instant at = monitor.clock();
    boolean[] answered = {false};
    monitor.in(
        TIMEOUT,
        () -> {
          if (!answered[0]) {
            String words = "no session to " + member.name() + " within 1000 ms";
            report(
                session == null
                    ? new TimedOut(words)
                    : new NewSession(ProbeResult.Outcome.NOT_ACCEPTED, words));
          }
        });
    Session.open(
        monitor,
        member,
        Session.Owner.of(Monitor.SERVICE),
        GIVE_UP,
        reply -> {
          answered[0] = true;
          connecting = false;
          if (reply.ok()) {
            connected((Session) reply.value());
          } else {
            notConnected(reply, at);
          }
        });
  }

  private void connected(Session opened) {
    breaks = 0;
    nextConnect = now() + CONNECT_INTERVAL;
    report(new NewSession(ProbeResult.Outcome.ACCEPTED, ""));
    if (session != null) {
      opened.close();
      return;
    }
    session = opened;
    opened.onClose(() -> lost(opened, new Broken("the open session broke")));
    ask();
  }

  private void notConnected(Reply reply, Instant at) {
    if (session != null) {
      nextConnect = now() + CONNECT_INTERVAL;
      report(new NewSession(ProbeResult.Outcome.NOT_ACCEPTED, reply.reason()));
      return;
    }
    nextConnect = 0;
    ProbeResult result =
        switch (reply.kind()) {
          case REFUSED -> new Refused(reply.reason());
          case FAILED -> new Rejected(at, reply.reason().substring(0, 5), reply.reason());
          case TIMED_OUT -> new TimedOut(reply.reason());
          case BROKEN, OK -> new Broken("the opening broke off");
        };
    breaks = result instanceof Broken ? breaks + 1 : 0;
    if (breaks > 0 && breaks <= 5) {
      monitor.in(SOON, this::tick);
    }
    report(result);
  }

  private void report(ProbeResult result) {
    monitor.result(member.name(), result);
  }
}
