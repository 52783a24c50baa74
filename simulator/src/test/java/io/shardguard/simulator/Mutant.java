package io.shardguard.simulator;

import io.shardguard.events.Event;
import io.shardguard.events.GroupTopology;
import io.shardguard.events.GroupTopology.Promoting;
import io.shardguard.events.GroupTopology.Sealing;
import io.shardguard.events.GroupTopology.Transition;
import io.shardguard.events.MemberAddress;
import io.shardguard.events.Observation;
import io.shardguard.events.Observation.MemberView;
import io.shardguard.events.ReplicationEvent.AttachStarted;
import io.shardguard.events.ReplicationEvent.DetachStarted;
import io.shardguard.events.ReplicationEvent.FailoverRefused;
import io.shardguard.events.ReplicationEvent.MemberBarred;
import io.shardguard.events.ReplicationEvent.Refusal;
import io.shardguard.events.ReplicationEvent.StandbyAttached;
import io.shardguard.events.ReplicationEvent.StandbyDetached;
import io.shardguard.events.TransitionEvent.BarringStarted;
import io.shardguard.events.TransitionEvent.OldPrimaryEnded;
import io.shardguard.events.TransitionEvent.PromotionStarted;
import io.shardguard.events.TransitionEvent.StandbyPromoted;
import io.shardguard.events.TransitionEvent.StandbySealed;
import io.shardguard.events.TransitionEvent.TransitionAbandoned;
import io.shardguard.events.TransitionEvent.TransitionStarted;
import io.shardguard.events.TransitionKind;
import io.shardguard.failover.core.Action;
import io.shardguard.failover.core.Action.RecoverTwoPhase;
import io.shardguard.failover.core.Action.RelaxSynchronous;
import io.shardguard.failover.core.ClusterState;
import io.shardguard.failover.core.Decision;
import io.shardguard.failover.core.Evolution;
import io.shardguard.failover.core.Input;
import io.shardguard.simulator.Conduct.Brain;
import io.shardguard.simulator.Fault.Kind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;

/**
 * The product with one rule switched off: in the simulated shells, or by what stands around the
 * core. The core itself has no switch.
 */
enum Mutant {
  PROMOTES_WITHOUT_SEAL(Habit.SEALS_ARE_SEEN),
  RELAXES_BEFORE_THE_LOG_SAYS_SO(Habit.INTENT_BEFORE_ACTION),
  LEAVES_OLDER_SESSIONS(Habit.OLDER_SESSIONS_ARE_SWEPT),
  TAKES_NO_ANSWER_FOR_DONE(Habit.NO_ANSWER_IS_NOT_DONE),
  OPENS_SESSIONS_AFTER_THE_INTENT(
      Habit.SESSIONS_ARE_OLDER_THAN_INTENTS, Habit.OLD_PRODUCERS_ARE_FENCED),
  LEAVES_TWO_PHASE_COMMITS_PREPARED(Habit.TWO_PHASE_COMMITS_ARE_SETTLED),
  LETS_OLD_OWNERS_WRITE(Habit.OLD_PRODUCERS_ARE_FENCED),
  BELIEVES_OLD_SIGHTS(Habit.OLD_SIGHTS_ARE_PASSED_OVER),
  ARMS_WITHOUT_CHECKPOINT(Habit.A_CHECKPOINT_PROVES_WAITING),
  BOOTS_AS_PRIMARY(Habit.STARTS_ARE_AS_STANDBY),
  REJOINS_BY_A_STALE_TOPOLOGY(Habit.THE_LOG_IS_READ_TO_ITS_END),
  LETS_OLD_PRIMARIES_RUN(Habit.OLD_PRIMARIES_ARE_ENDED),
  LETS_ROGUES_RUN(Habit.ROGUES_ARE_ENDED),
  FOLLOWS_WHATEVER_IT_HAS(Habit.THE_DIVERGED_ARE_REWOUND),
  ROUTES_TO_WHOEVER_IS_PRIMARY(Habit.ROUTES_WAIT_FOR_THE_END),

  KEEPS_THE_DETACHED_ELIGIBLE(
      (state, event) -> event instanceof StandbyDetached ? List.of() : List.of(event)),

  ATTACHES_AT_ONCE((state, event) ->
      event instanceof AttachStarted e
          ? List.of(
              e,
              new StandbyAttached(
                  e.group(), e.standby(), e.primary(), io.shardguard.events.Lsn.ZERO))
          : List.of(event)),

  DETACHES_ONE_OF_SEVERAL_AT_ONCE((state, event) ->
      event instanceof DetachStarted e
          ? List.of(new StandbyDetached(e.group(), e.standby(), e.primary(), e.evidence()))
          : List.of(event)),

  LETS_CLIENTS_IN_AFTER_THE_PROMOTION((state, event) ->
      event instanceof StandbyPromoted e
              && state.group(e.group()).orElseThrow().transition() != null
              && state.group(e.group()).orElseThrow().transition().oldPrimary() != null
          ? List.of(
              e,
              new OldPrimaryEnded(
                  e.group(),
                  e.transition(),
                  state.group(e.group()).orElseThrow().transition().oldPrimary(),
                  "supposed"))
          : List.of(event)),

  SEALS_ONE_OF_SEVERAL((state, event) ->
      event instanceof TransitionStarted e && e.toSeal().size() > 1
          ? List.of(sealing(e, List.of(e.toSeal().getFirst())))
          : List.of(event)),

  PROMOTES_THE_FIRST_THAT_IS_SEALED((state, event) ->
      event instanceof StandbySealed e
              && state.group(e.group()).orElseThrow().transition() != null
              && state.group(e.group()).orElseThrow().transition().step() instanceof Sealing
          ? List.of(
              e, new PromotionStarted(e.group(), e.transition(), e.member(), e.lsn(), List.of()))
          : List.of(event)),

  PROMOTES_WHO_IS_NOT_ELIGIBLE(refusing(Refusal.NO_ELIGIBLE_STANDBY)),

  PROMOTES_THOUGH_ONE_OF_SEVERAL_IS_AWAY(refusing(Refusal.ELIGIBLE_STANDBY_AWAY)),

  LETS_THE_HIGHEST_TIMELINE_WIN((state, event) -> {
    if (!(event instanceof FailoverRefused e) || e.refusal() != Refusal.ELIGIBLE_STANDBY_DIVERGED) {
      return List.of(event);
    }
    Transition open = state.group(e.group()).orElseThrow().transition();
    return open != null && open.step() instanceof Sealing sealing && !sealing.sealed().isEmpty()
        ? List.of(highestTimeline(e.group(), open, sealing))
        : refusing(e.refusal()).apply(state, event);
  }),

  KEEPS_THE_EPOCH((state, event) ->
      event instanceof TransitionStarted e && e.oldPrimary() != null
          ? List.of(
              new TransitionStarted(
                  e.group(),
                  e.transition(),
                  e.kind(),
                  state.group(e.group()).orElseThrow().epoch(),
                  e.oldPrimary(),
                  e.oldPrimaryEnded(),
                  e.toSeal(),
                  e.reason(),
                  e.evidence()))
          : List.of(event)),

  REFUSES_IN_SILENCE(
      (state, event) -> event instanceof FailoverRefused ? List.of() : List.of(event)),

  REFUSES_WITHOUT_REASON((state, event) ->
      event instanceof FailoverRefused e
          ? List.of(new FailoverRefused(e.group(), e.refusal(), "", e.seen()))
          : List.of(event)),

  BARS_NOBODY((state, event) -> {
    if (!(event instanceof BarringStarted e)) {
      return List.of(event);
    }
    List<Event> all = new ArrayList<>(List.of(event));
    state.groups().values().stream()
        .flatMap(g -> g.members().stream())
        .map(MemberAddress::name)
        .filter(m -> !m.equals(e.member()))
        .forEach(m -> all.add(new MemberBarred(e.group(), e.member(), m, 0)));
    return all;
  }),

  IGNORES_THE_MAJORITY((core, state, input, now) -> {
    ClusterState one = state;
    if (input instanceof Input.Observed(Observation o)) {
      for (String other : new TreeSet<>(state.seen().keySet())) {
        one = Evolution.evolve(one, new Observation(other, o.at(), o.isolated(), o.members()));
      }
    }
    return core.decide(one, input, now);
  }),

  BELIEVES_THE_ISOLATED((core, state, input, now) ->
      core.decide(
          state,
          input instanceof Input.Observed(Observation o)
              ? new Input.Observed(new Observation(o.observer(), o.at(), false, down(o)))
              : input,
          now)),

  SETTLES_TWO_PHASE_COMMITS_ALWAYS((core, state, input, now) -> {
    Decision real = core.decide(state, input, now);
    List<Action> actions = new ArrayList<>(real.actions());
    if (input instanceof Input.Observed) {
      real.state().groups().values().stream()
          .filter(g -> g.primary() != null)
          .forEach(g -> actions.add(new RecoverTwoPhase(g.group(), null, g.primary())));
    }
    return new Decision(real.state(), real.events(), actions);
  }),

  ABANDONS_A_SWITCHOVER_AFTER_THE_CHOICE((core, state, input, now) -> {
    Decision real = core.decide(state, input, now);
    ClusterState then = real.state();
    List<Event> events = new ArrayList<>(real.events());
    for (GroupTopology group : real.state().groups().values()) {
      if (input instanceof Input.Observed
          && group.transition() != null
          && group.transition().kind() == TransitionKind.SWITCHOVER
          && group.transition().step() instanceof Promoting) {
        Event abandoned =
            new TransitionAbandoned(group.group(), group.transition().id(), "it takes long");
        events.add(abandoned);
        then = Evolution.evolve(then, abandoned, now);
      }
    }
    return new Decision(then, events, real.actions());
  }),

  RELAXES_WITHOUT_DETACHING((core, state, input, now) -> {
    Decision real = core.decide(state, input, now);
    List<Action> actions = new ArrayList<>(real.actions());
    for (Event event : real.events()) {
      if (event instanceof DetachStarted e) {
        actions.add(new RelaxSynchronous(e.group(), e.primary()));
      }
    }
    return new Decision(real.state(), real.events(), actions);
  });

  private final Conduct conduct;

  Mutant(Habit... dropped) {
    conduct = Conduct.without(dropped);
  }

  Mutant(Brain brain) {
    conduct = new Conduct(brain, Set.of());
  }

  Mutant(BiFunction<ClusterState, Event, List<Event>> alter) {
    conduct = new Conduct(altering(alter), Set.of());
  }

  Conduct conduct() {
    return conduct;
  }

  /** It is missed within so many schedules. */
  long within() {
    return switch (this) {
      case BELIEVES_OLD_SIGHTS,
          REJOINS_BY_A_STALE_TOPOLOGY,
          LETS_ROGUES_RUN,
          REFUSES_IN_SILENCE,
          PROMOTES_WHO_IS_NOT_ELIGIBLE ->
          200;
      default -> 100;
    };
  }

  /** The mutant breaks an invariant in this schedule. */
  boolean breaks(long seed) {
    return schedule(seed).run(conduct).violation().isPresent();
  }

  /** Schedules of the weather that brings the rule into play; chance does the rest. */
  Schedule schedule(long seed) {
    return switch (this) {
      case PROMOTES_WITHOUT_SEAL, SEALS_ONE_OF_SEVERAL, PROMOTES_THE_FIRST_THAT_IS_SEALED ->
          Schedule.of(
              seed,
              new Shape(2, 3, 1, true, false),
              List.of(Kind.CUT_FROM_CONTROL, Kind.SLOW, Kind.CUT_FROM_GROUP));
      case LETS_CLIENTS_IN_AFTER_THE_PROMOTION, BARS_NOBODY ->
          Schedule.of(
              seed, new Shape(2, 2, 1, true, false), List.of(Kind.CUT_FROM_CONTROL, Kind.HANG));
      case RELAXES_BEFORE_THE_LOG_SAYS_SO, KEEPS_THE_DETACHED_ELIGIBLE ->
          Schedule.of(
              seed, new Shape(2, 2, 1, false, false), List.of(Kind.CRASH, Kind.HANG, Kind.CUT));
      case OPENS_SESSIONS_AFTER_THE_INTENT, LETS_OLD_OWNERS_WRITE ->
          Schedule.of(
              seed,
              new Shape(2, 2, 1, false, false),
              List.of(Kind.OWNER_FREEZES_AFTER, Kind.CRASH, Kind.HANG, Kind.FREEZE));
      case LEAVES_OLDER_SESSIONS ->
          Schedule.of(
              seed,
              new Shape(2, 2, 1, false, false),
              List.of(Kind.OWNER_FREEZES_AFTER, Kind.CRASH));
      case SETTLES_TWO_PHASE_COMMITS_ALWAYS ->
          Schedule.of(
              seed, new Shape(2, 2, 1, true, true), List.of(Kind.CUT_FROM_CONTROL, Kind.CUT));
      case BELIEVES_OLD_SIGHTS ->
          Schedule.of(
              seed, new Shape(2, 2, 1, false, false), List.of(Kind.DECIDERS_AWAY, Kind.HANG));
      case REJOINS_BY_A_STALE_TOPOLOGY ->
          Schedule.of(
              seed,
              new Shape(2, 2, 1, false, false),
              List.of(Kind.LOGLESS, Kind.FREEZE, Kind.HANG, Kind.ALL_PRIMARIES, Kind.CRASH));
      case REFUSES_IN_SILENCE ->
          Schedule.of(seed, new Shape(2, 2, 1, false, false), List.of(Kind.PAUSE, Kind.DISK_FULL));
      case LEAVES_TWO_PHASE_COMMITS_PREPARED ->
          new Schedule(
              seed,
              new Shape(2, 2, 1, false, false).transferring(true),
              faults(new Chance(seed).split()));
      case ABANDONS_A_SWITCHOVER_AFTER_THE_CHOICE ->
          new Schedule(seed, new Shape(2, 2, 1, false, false), faults(new Chance(seed).split()));
      case TAKES_NO_ANSWER_FOR_DONE,
          PROMOTES_THOUGH_ONE_OF_SEVERAL_IS_AWAY,
          LETS_THE_HIGHEST_TIMELINE_WIN ->
          new Schedule(seed, new Shape(2, 3, 1, true, false), faults(new Chance(seed).split()));
      case IGNORES_THE_MAJORITY ->
          Schedule.of(seed, new Shape(2, 2, 3, false, false), List.of(Kind.UNSEEN));
      default -> Schedule.of(seed);
    };
  }

  /** Two things that chance seldom brings together, at times that chance chooses. */
  private List<Fault> faults(Chance chance) {
    return switch (this) {
      // The seal is asked of a standby that was cut off from those who ask, and from nobody else.
      case TAKES_NO_ANSWER_FOR_DONE ->
          List.of(
              new Fault(Kind.CUT_FROM_CONTROL, "worker-1a", 30_000, 60_000),
              new Fault(
                  Kind.CUT_FROM_CONTROL,
                  "worker-1c",
                  30_000 + chance.between(29_500, 32_000),
                  15_000));
      // Who has the last commits ends together with the primary; the other standby is behind.
      case PROMOTES_THOUGH_ONE_OF_SEVERAL_IS_AWAY ->
          List.of(
              new Fault(Kind.SLOW, "worker-1b", 30_000, 30_000),
              new Fault(Kind.CRASH, "worker-1c", 40_000 + chance.between(0, 300), 0),
              new Fault(Kind.CRASH, "worker-1a", 40_000 + chance.between(0, 300), 0));
      // Somebody promotes a standby, and the primary hangs before that is put right.
      case LETS_THE_HIGHEST_TIMELINE_WIN ->
          List.of(
              new Fault(Kind.HAND_PROMOTION, "worker-1b", 30_000, 0),
              new Fault(Kind.HANG, "worker-1a", 30_000 + chance.between(300, 1_800), 60_000));
      // The coordinator dies while its messages take long: many a transfer is half-way.
      case LEAVES_TWO_PHASE_COMMITS_PREPARED ->
          List.of(
              new Fault(Kind.SLOW, "coordinator-a", 30_000, 20_000),
              new Fault(Kind.CRASH, "coordinator-a", chance.between(34_000, 46_000), 0));
      // An observation comes between the choice and the promotion.
      case ABANDONS_A_SWITCHOVER_AFTER_THE_CHOICE ->
          List.of(
              new Fault(Kind.SWITCHOVER, "1", chance.between(30_000, 31_000), 0),
              new Fault(Kind.SWITCHOVER, "0", chance.between(90_000, 91_000), 0));
      default -> throw new IllegalStateException(this + " needs chance alone");
    };
  }

  /** A failover in the place of a refusal, with whoever is there. */
  private static BiFunction<ClusterState, Event, List<Event>> refusing(Refusal refusal) {
    return (state, event) -> {
      if (!(event instanceof FailoverRefused e) || e.refusal() != refusal) {
        return List.of(event);
      }
      GroupTopology group = state.group(e.group()).orElseThrow();
      List<String> there =
          group.standbys().stream()
              .map(MemberAddress::name)
              .filter(m ->
                  state.seen().values().stream()
                      .flatMap(o -> o.of(m).stream())
                      .anyMatch(MemberView::upInRecovery))
              .toList();
      return there.isEmpty()
          ? List.of(event)
          : List.of(
              new TransitionStarted(
                  e.group(),
                  "g" + e.group() + "-e" + group.epoch().next() + "-careless",
                  TransitionKind.FAILOVER,
                  group.epoch().next(),
                  group.primary(),
                  false,
                  there,
                  "whoever is there",
                  List.of()));
    };
  }

  private static PromotionStarted highestTimeline(int group, Transition open, Sealing sealing) {
    String highest =
        new TreeSet<>(sealing.sealed().keySet())
            .stream()
                .max(Comparator.comparing(member -> sealing.sealed().get(member).timeline()))
                .orElseThrow();
    return new PromotionStarted(
        group, open.id(), highest, sealing.sealed().get(highest).lsn(), List.of());
  }

  private static TransitionStarted sealing(TransitionStarted e, List<String> toSeal) {
    return new TransitionStarted(
        e.group(),
        e.transition(),
        e.kind(),
        e.epoch(),
        e.oldPrimary(),
        e.oldPrimaryEnded(),
        toSeal,
        e.reason(),
        e.evidence());
  }

  private static List<MemberView> down(Observation o) {
    return o.isolated()
        ? o.members().stream()
            .map(v -> v.judged(Observation.Verdict.DOWN, io.shardguard.events.Diagnosis.SILENT))
            .toList()
        : o.members();
  }

  /** The core's decision with other events, each brought into force by the one door for change. */
  private static Brain altering(BiFunction<ClusterState, Event, List<Event>> alter) {
    return (core, state, input, now) -> {
      Decision real = core.decide(state, input, now);
      ClusterState altered = learn(state, input, now);
      List<Event> events = new ArrayList<>();
      for (Event event : real.events()) {
        for (Event instead : alter.apply(altered, event)) {
          events.add(instead);
          altered = Evolution.evolve(altered, instead, now);
        }
      }
      ClusterState then = altered;
      return events.equals(real.events())
          ? real
          : new Decision(
              altered,
              List.copyOf(events),
              real.actions().stream().filter(action -> isWanted(then, action)).toList());
    };
  }

  private static boolean isWanted(ClusterState state, Action action) {
    if (action instanceof Action.Bar bar) {
      GroupTopology group = state.group(bar.group()).orElseThrow();
      return group.barred() != null && !group.barred().by().contains(bar.member());
    }
    return !(action instanceof Action.Seal seal)
        || (state.group(seal.group()).orElseThrow().transition() != null
            && state.group(seal.group()).orElseThrow().transition().step() instanceof Sealing s
            && s.toSeal().contains(seal.member()));
  }

  private static ClusterState learn(ClusterState state, Input input, Instant now) {
    return switch (input) {
      case Input.Happened(Event event) -> Evolution.evolve(state, event, now);
      case Input.Observed(Observation observation) -> Evolution.evolve(state, observation);
      default -> state;
    };
  }
}
