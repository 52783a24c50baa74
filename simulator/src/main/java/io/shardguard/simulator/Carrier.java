package io.shardguard.simulator;

import static io.shardguard.simulator.Agenda.MILLI;
import static io.shardguard.simulator.Agenda.SECOND;

import io.shardguard.events.Event;
import io.shardguard.events.Lsn;
import io.shardguard.events.MemberAddress;
import io.shardguard.events.ReplicationEvent.MemberAdmitted;
import io.shardguard.events.ReplicationEvent.MemberBarred;
import io.shardguard.events.ReplicationEvent.SynchronousArmed;
import io.shardguard.events.ReplicationEvent.SynchronousRelaxed;
import io.shardguard.events.Timeline;
import io.shardguard.events.TransitionEvent.MetadataSynced;
import io.shardguard.events.TransitionEvent.MetadataUpdated;
import io.shardguard.events.TransitionEvent.Outcome;
import io.shardguard.events.TransitionEvent.StandbyPromoted;
import io.shardguard.events.TransitionEvent.StandbySealed;
import io.shardguard.events.TransitionEvent.StepFailed;
import io.shardguard.events.TransitionEvent.TwoPhaseRecovered;
import io.shardguard.failover.core.Action;
import io.shardguard.failover.core.Action.Admit;
import io.shardguard.failover.core.Action.ArmSynchronous;
import io.shardguard.failover.core.Action.Bar;
import io.shardguard.failover.core.Action.LookForSync;
import io.shardguard.failover.core.Action.Promote;
import io.shardguard.failover.core.Action.RecoverTwoPhase;
import io.shardguard.failover.core.Action.RelaxSynchronous;
import io.shardguard.failover.core.Action.Seal;
import io.shardguard.failover.core.Action.UpdateMetadata;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/** Carries one action out on one member, statement by statement, as the service's own does. */
final class Carrier {

  private static final long STATEMENT = 3 * SECOND;
  private static final long SEAL = 5 * SECOND;
  private static final long PROMOTE = 60 * SECOND;
  private static final long METADATA = 5 * SECOND;
  private static final long RECOVER = 6 * SECOND;
  private static final long CHECKPOINT = 60 * SECOND;
  private static final long POLL = 5 * MILLI;

  private final World world;
  private final Coordinator owner;
  private final Session session;
  private final Action action;
  private final Consumer<Optional<Event>> then;
  private final long start;
  private final long flushedAtStart;

  private Carrier(
      Coordinator owner, Session session, Action action, Consumer<Optional<Event>> then) {
    this.world = owner.world;
    this.owner = owner;
    this.session = session;
    this.action = action;
    this.then = then;
    this.start = world.agenda.now();
    this.flushedAtStart = session.member.flushed();
  }

  static void carryOut(
      Coordinator owner, Session session, Action action, Consumer<Optional<Event>> then) {
    Carrier carrier = new Carrier(owner, session, action, then);
    switch (action) {
      case Seal a -> carrier.seal(a);
      case Promote a -> carrier.promote(a);
      case UpdateMetadata a -> carrier.update(a, a.primaries().entrySet().iterator());
      case RecoverTwoPhase a -> carrier.recover(a);
      case LookForSync a -> carrier.look(a);
      case ArmSynchronous a -> carrier.arm(a);
      case RelaxSynchronous a -> carrier.relax(a);
      case Bar a -> carrier.bar(a);
      case Admit a -> carrier.admit(a);
    }
  }

  private void seal(Seal a) {
    if (world.conduct.lacks(Habit.SEALS_ARE_SEEN)) {
      step(STATEMENT, m -> Reply.ok(true), this::sealed);
      return;
    }
    step(
        STATEMENT,
        m -> {
          if (!m.inRecovery()) {
            return Reply.failed(m.name() + " is not a standby");
          }
          m.endSessions();
          m.follow(null);
          return Reply.ok(true);
        },
        () -> await(Member::receiverGone, SEAL, "the walreceiver is still there", this::sealed));
  }

  private void sealed() {
    read(m ->
        new StandbySealed(
            action.group(),
            transition(action),
            m.name(),
            m.newestTimeline(),
            new Lsn(m.flushed()),
            millis()));
  }

  private void promote(Promote a) {
    step(
        STATEMENT,
        m -> {
          if (m.inRecovery()) {
            m.setNames(java.util.Set.of());
            m.promote(a.transition());
          }
          return Reply.ok(true);
        },
        () ->
            await(
                m -> !m.inRecovery(),
                PROMOTE,
                "it is still in recovery",
                () ->
                    read(m ->
                        new StandbyPromoted(
                            a.group(),
                            a.transition(),
                            m.name(),
                            new Timeline(m.branch().number()),
                            millis()))));
  }

  private void update(UpdateMetadata a, Iterator<Map.Entry<Integer, MemberAddress>> rest) {
    if (!rest.hasNext()) {
      then.accept(
          Optional.ofNullable(a.transition())
              .map(t -> new MetadataUpdated(a.group(), t, a.member(), millis())));
      return;
    }
    Map.Entry<Integer, MemberAddress> next = rest.next();
    session.call(
        METADATA,
        (m, answer) -> {
          if (!m.writable()) {
            answer.accept(Reply.failed("cannot execute in recovery"));
          } else {
            world.metadata.update(m, next.getKey(), next.getValue().name(), answer);
          }
        },
        reply -> {
          if (reply.ok()) {
            update(a, rest);
          } else {
            failed(reply);
          }
        });
  }

  private void recover(RecoverTwoPhase a) {
    session.call(
        RECOVER,
        (m, answer) -> {
          if (!m.writable()) {
            answer.accept(Reply.failed("recovery is in progress"));
            return;
          }
          world.checks.twoPhase(m);
          if (!world.shape.transfers()
              || world.conduct.lacks(Habit.TWO_PHASE_COMMITS_ARE_SETTLED)) {
            m.in(world.chance.between(2 * MILLI, 100 * MILLI), () -> answer.accept(Reply.ok(true)));
          } else {
            world.twoPhase.recover(m, answer);
          }
        },
        reply -> {
          if (!reply.ok()) {
            failed(reply);
          } else if (a.transition() == null) {
            then.accept(Optional.empty());
          } else {
            done(new TwoPhaseRecovered(a.group(), a.transition(), a.member(), 0, millis()));
          }
        });
  }

  private void look(LookForSync a) {
    session.call(
        STATEMENT,
        (m, answer) -> answer.accept(Reply.ok(world.metadata.synced(m, a.groups()))),
        reply -> {
          if (!reply.ok()) {
            failed(reply);
          } else if (reply.yes()) {
            done(new MetadataSynced(a.group(), a.transition(), a.member(), millis()));
          } else {
            then.accept(Optional.empty());
          }
        });
  }

  private void arm(ArmSynchronous a) {
    step(
        STATEMENT,
        m -> {
          m.setNames(a.standbys());
          return Reply.ok(true);
        },
        () ->
            session.call(
                CHECKPOINT,
                (m, answer) -> {
                  if (world.conduct.lacks(Habit.A_CHECKPOINT_PROVES_WAITING)) {
                    answer.accept(Reply.ok(true));
                  } else {
                    m.checkpoint(answer);
                  }
                },
                reply -> {
                  if (reply.ok()) {
                    read(m ->
                        new SynchronousArmed(
                            a.group(),
                            a.standby(),
                            List.copyOf(a.standbys()),
                            a.member(),
                            new Lsn(m.flushed()),
                            millis()));
                  } else {
                    failed(reply);
                  }
                }));
  }

  private void relax(RelaxSynchronous a) {
    session.ask(
        STATEMENT,
        m -> {
          boolean nothing = m.shownNames().isEmpty();
          if (!nothing) {
            m.setNames(java.util.Set.of());
          }
          return Reply.ok(!nothing);
        },
        reply -> {
          if (!reply.ok()) {
            failed(reply);
          } else if (reply.yes()) {
            done(new SynchronousRelaxed(a.group(), a.member(), millis()));
          } else {
            then.accept(Optional.empty());
          }
        });
  }

  private void bar(Bar a) {
    step(
        STATEMENT,
        m -> {
          m.bar(a.old().host());
          return Reply.ok(true);
        },
        () ->
            owner.in(
                100 * MILLI,
                () -> done(new MemberBarred(a.group(), a.old().name(), a.member(), millis()))));
  }

  private void admit(Admit a) {
    step(
        STATEMENT,
        m -> {
          m.admit(a.old().host());
          return Reply.ok(true);
        },
        () -> done(new MemberAdmitted(a.group(), a.old().name(), a.member(), millis())));
  }

  // ---- statements

  private void step(long within, Function<Member, Reply> work, Runnable next) {
    session.ask(
        within,
        work,
        reply -> {
          if (reply.ok()) {
            next.run();
          } else {
            failed(reply);
          }
        });
  }

  private void read(Function<Member, Event> event) {
    session.ask(
        STATEMENT,
        m -> Reply.ok(event.apply(m)),
        reply -> {
          if (reply.ok()) {
            done((Event) reply.value());
          } else {
            failed(reply);
          }
        });
  }

  private void await(
      Function<Member, Boolean> question, long within, String otherwise, Runnable next) {
    long giveUpAt = world.agenda.now() + within;
    poll(question, giveUpAt, otherwise, next);
  }

  private void poll(
      Function<Member, Boolean> question, long giveUpAt, String otherwise, Runnable next) {
    session.ask(
        STATEMENT,
        m -> Reply.ok(question.apply(m)),
        reply -> {
          if (reply.yes()) {
            next.run();
          } else if (!reply.ok()) {
            failed(reply);
          } else if (world.agenda.now() > giveUpAt) {
            failed(Reply.failed(otherwise));
          } else {
            owner.in(POLL, () -> poll(question, giveUpAt, otherwise, next));
          }
        });
  }

  private void done(Event event) {
    then.accept(Optional.of(event));
  }

  private void failed(Reply reply) {
    if (reply.unknown() && world.conduct.lacks(Habit.NO_ANSWER_IS_NOT_DONE)) {
      then.accept(Optional.of(asIfDone()));
      return;
    }
    Outcome outcome = reply.unknown() ? Outcome.TIMED_OUT : Outcome.FAILED;
    then.accept(Optional.of(failed(action, outcome, reply.reason())));
  }

  /**
   * What a careless shell says of an action that it got no answer for: that it was done when it was
   * asked for. It cannot know what came after.
   */
  private Event asIfDone() {
    Member m = session.member;
    return action instanceof Seal
        ? new StandbySealed(
            action.group(),
            transition(action),
            m.name(),
            m.newestTimeline(),
            new Lsn(flushedAtStart),
            millis())
        : failed(action, Outcome.TIMED_OUT, "no answer");
  }

  static StepFailed failed(Action action, Outcome outcome, String reason) {
    return new StepFailed(
        action.group(), transition(action), action.step(), action.member(), outcome, reason);
  }

  private static String transition(Action action) {
    return switch (action) {
      case Seal a -> a.transition();
      case Promote a -> a.transition();
      case UpdateMetadata a -> a.transition() == null ? "none" : a.transition();
      case RecoverTwoPhase a -> a.transition() == null ? "none" : a.transition();
      case LookForSync a -> a.transition();
      case ArmSynchronous a -> "none";
      case RelaxSynchronous a -> "none";
      case Bar a -> "none";
      case Admit a -> "none";
    };
  }

  private long millis() {
    return (world.agenda.now() - start) / MILLI;
  }
}
