package io.shardguard.failover.replay;

import io.shardguard.events.Basis;
import io.shardguard.events.Envelope.Cause;
import io.shardguard.events.Event;
import io.shardguard.events.EventCodec;
import io.shardguard.events.Observation;
import io.shardguard.events.ProvisionerEvent.MemberExited;
import io.shardguard.events.ProvisionerEvent.MemberFenced;
import io.shardguard.events.Topics;
import io.shardguard.failover.core.Action;
import io.shardguard.failover.core.ClusterState;
import io.shardguard.failover.core.Decision;
import io.shardguard.failover.core.DecisionCore;
import io.shardguard.failover.core.Evolution;
import io.shardguard.failover.core.Input;
import io.shardguard.failover.core.Input.Done;
import io.shardguard.failover.core.Input.Happened;
import io.shardguard.failover.core.Input.Observed;
import io.shardguard.failover.core.Input.Ordered;
import io.shardguard.failover.core.Policy;
import io.shardguard.failover.replay.Judgement.Outcome;
import io.shardguard.failover.replay.Judgement.Side;
import io.shardguard.failover.replay.LogEntry.OfEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Decides a recorded log again, decision by decision. Each is asked of the recorded state: what the
 * record did after a decision that is different now is no consequence of the present one, and
 * nobody knows what would have been.
 *
 * <p>With observations in the log, the inputs on which nothing was decided are decided again, too:
 * so a decision is found that would be made earlier now.
 */
public final class Replay {

  private static final ReplayOptions NOTHING =
      new ReplayOptions(Instant.MAX, Instant.MIN, Map.of());
  private static final Action UNKNOWN_ACTION = new Action.RelaxSynchronous(-1, "?");

  private final RecordedLog log;
  private final ReplayOptions options;
  private final Belief belief;
  private final List<Judgement> judgements = new ArrayList<>();
  private final Map<Policy, DecisionCore> cores = new HashMap<>();
  private final Map<List<String>, Integer> added = new HashMap<>();
  private Pending pending;
  private BiConsumer<RecordedDecision, ClusterState> watch = (decision, known) -> {};
  private ClusterState state;
  private String owner;
  private Policy policy;

  private Replay(RecordedLog log, ReplayOptions options) {
    this.log = log;
    this.options = options;
    this.belief = new Belief(log.start(), log.entries());
    this.state = ClusterState.of(log.cluster(), log.start().groups());
    this.state = state.believing(belief.carried(), state.rogues());
    this.policy = PolicySettings.policy(options.settings());
  }

  /**
   * Decides again.
   *
   * @return a judgement for each decision within the options' times, and for each that would be
   *     made besides
   * @throws IllegalArgumentException if the options' settings are none
   */
  public static List<Judgement> of(RecordedLog log, ReplayOptions options) {
    return new Replay(log, options).run();
  }

  /** What was known at a record's time: the events before it taken in as they are. */
  public static LogStart startAt(RecordedLog log, Instant at) {
    Replay replay = new Replay(log, NOTHING);
    replay.walk(entry -> entry.at().isBefore(at));
    return new LogStart(
        List.copyOf(replay.state.groups().values()), List.copyOf(replay.belief.carried().values()));
  }

  /**
   * What was decided and believed at a time.
   *
   * @param at null: at the log's end
   */
  public static ClusterState stateAt(RecordedLog log, Instant at) {
    Replay replay = new Replay(log, NOTHING);
    replay.walk(entry -> at == null || !time(entry).isAfter(at));
    return replay.state;
  }

  /**
   * What was known to the decision that holds an event, its input included.
   *
   * @return empty if the log has no such decision
   */
  public static Optional<ClusterState> stateOfDecision(RecordedLog log, Predicate<Event> which) {
    Replay replay = new Replay(log, NOTHING);
    ClusterState[] found = {null};
    replay.watch =
        (decision, known) -> {
          if (found[0] == null && decision.events().stream().anyMatch(which)) {
            found[0] = known;
          }
        };
    replay.walk(entry -> true);
    return Optional.ofNullable(found[0]);
  }

  private static Instant time(LogEntry entry) {
    return entry instanceof OfEvent event && event.decided() ? event.envelope().time() : entry.at();
  }

  private List<Judgement> run() {
    walk(entry -> true);
    return List.copyOf(judgements);
  }

  /** Takes in what is wanted, in the order in which it was taken in when it was recorded. */
  private void walk(Predicate<LogEntry> wanted) {
    pending = new Pending(log.entries().stream().filter(wanted).toList());
    List<LogEntry> events =
        log.entries().stream()
            .filter(entry -> entry.place().topic().equals(Topics.EVENTS))
            .filter(wanted)
            .toList();
    for (Object part : RecordedDecision.in(events)) {
      switch (part) {
        case RecordedDecision decision -> decided(decision);
        case OfEvent event -> pending.add(event);
        default -> {
          LogEntry unknown = (LogEntry) part;
          judge(unknown.place(), unknown.at(), "an event of an unknown type");
        }
      }
    }
    pending.rest().forEach(entry -> pass(entry, true));
  }

  private void judge(Cause place, Instant at, String why) {
    if (options.includes(at)) {
      judgements.add(
          new Judgement(place, at, Outcome.UNDECIDABLE, "", Side.NOTHING, Side.NOTHING, why, 0));
    }
  }

  private void decided(RecordedDecision recorded) {
    String before = owner;
    recorded.basis().ifPresent(basis -> owner = basis.owner());
    boolean sameOwner = before == null || before.equals(owner);
    state = sameOwner ? state : state.forNewOwner();
    pending.before(recorded).forEach(entry -> pass(entry, sameOwner && hadRead(recorded, entry)));
    added.clear();
    Optional<LogEntry> cause = recorded.cause().flatMap(pending::at);
    recorded.basis().ifPresent(belief::take);
    Reading reading = read(recorded, cause);
    state = reading.state();
    if (options.includes(recorded.at())) {
      judgements.add(judged(recorded, reading));
    }
    goOn(recorded, reading);
  }

  /** Its owner had; with a decision that does not say so, it is taken for granted. */
  private static boolean hadRead(RecordedDecision recorded, LogEntry entry) {
    return recorded
        .basis()
        .map(basis -> basis.read().stream().anyMatch(c -> c.topic().equals(entry.place().topic())))
        .orElse(true);
  }

  /**
   * A decision's state and input, as far as the log has them.
   *
   * @param lacking what it has not; empty if it has all
   */
  private record Reading(ClusterState state, Optional<Input> input, String what, String lacking) {}

  private Reading read(RecordedDecision recorded, Optional<LogEntry> cause) {
    if (recorded.basis().isEmpty()) {
      return readWithoutBasis(recorded, cause);
    }
    Basis basis = recorded.basis().get();
    Map<String, Optional<Observation>> seen = belief.of(basis);
    String lost =
        seen.entrySet().stream()
            .filter(entry -> entry.getValue().isEmpty())
            .map(entry -> "what " + entry.getKey() + " saw at " + basis.seen().get(entry.getKey()))
            .collect(Collectors.joining(", "));
    Map<String, Observation> known = new TreeMap<>();
    seen.forEach((observer, found) -> found.ifPresent(o -> known.put(observer, o)));
    ClusterState believed = state.believing(known, basis.rogues());
    Optional<Input> input = input(recorded, basis, known, cause);
    String lacking = lost;
    if (lost.isEmpty() && input.isEmpty()) {
      lacking = "its input" + recorded.cause().map(c -> " " + LogFileReader.where(c)).orElse("");
    }
    try {
      policy = with(basis.policy());
    } catch (IllegalArgumentException e) {
      lacking = "settings that could be decided by: " + e.getMessage();
    }
    return new Reading(believed, input, what(basis, recorded, cause), lacking);
  }

  private Policy with(Map<String, String> recorded) {
    Map<String, String> settings = new TreeMap<>(recorded);
    settings.putAll(options.settings());
    return PolicySettings.policy(settings);
  }

  private Optional<Input> input(
      RecordedDecision recorded,
      Basis basis,
      Map<String, Observation> known,
      Optional<LogEntry> cause) {
    Basis.Input form = basis.input();
    return switch (form.kind()) {
      case EVENT -> cause.flatMap(LogEntry::input);
      case OBSERVATION -> Optional.ofNullable(known.get(form.observer())).map(Observed::new);
      case COMMAND ->
          Optional.ofNullable(form.command())
              .map(c -> new Ordered(c, form.by(), Boolean.TRUE.equals(form.late())));
      case OUTCOME ->
          Optional.ofNullable(form.action())
              .flatMap(asked -> ActionForm.read(asked, state::change))
              .map(action ->
                  new Done(
                      action,
                      Boolean.TRUE.equals(form.said())
                          ? Optional.of(recorded.events().get(0))
                          : Optional.empty()));
    };
  }

  /** A log from before decisions carried what they rested on: the observations must be there. */
  private Reading readWithoutBasis(RecordedDecision recorded, Optional<LogEntry> cause) {
    Optional<Input> input =
        recorded.cause().isPresent()
            ? cause.flatMap(LogEntry::input)
            : Optional.of(new Done(UNKNOWN_ACTION, Optional.of(recorded.events().get(0))));
    String lacking = "";
    if (input.isEmpty()) {
      lacking = "its input " + LogFileReader.where(recorded.cause().get());
    } else if (state.seen().isEmpty() && !(input.get() instanceof Observed)) {
      lacking = "what observers saw: the decision's version did not record it";
    }
    String what = cause.map(Replay::what).orElse("an action's outcome");
    return new Reading(state, input, what, lacking);
  }

  private Judgement judged(RecordedDecision recorded, Reading reading) {
    List<Basis.Asked> asked = recorded.basis().map(Basis::asked).orElse(List.of());
    Side then = new Side(recorded.events(), asked);
    String why = reading.lacking().isEmpty() ? "" : "the log does not have " + reading.lacking();
    if (!recorded.unknown().isEmpty()) {
      why = "unknown events are part of it: " + String.join(", ", recorded.unknown());
    }
    if (!why.isEmpty()) {
      return judgement(recorded, Outcome.UNDECIDABLE, reading, then, Side.NOTHING, why);
    }
    Decision present = decide(reading.state(), reading.input().orElseThrow(), recorded.at());
    Side now = new Side(present.events(), BasisWriter.asked(present.actions()));
    boolean same =
        then.events().equals(now.events())
            && (recorded.basis().isEmpty() || then.asked().equals(now.asked()));
    return judgement(recorded, same ? Outcome.SAME : Outcome.DIFFERENT, reading, then, now, "");
  }

  private static Judgement judgement(
      RecordedDecision recorded,
      Outcome outcome,
      Reading reading,
      Side then,
      Side now,
      String why) {
    return new Judgement(
        recorded.place(), recorded.at(), outcome, reading.what(), then, now, why, 0);
  }

  private Decision decide(ClusterState on, Input input, Instant at) {
    return cores.computeIfAbsent(policy, DecisionCore::new).decide(on, input, at);
  }

  /** The record goes on as it did. */
  private void goOn(RecordedDecision recorded, Reading reading) {
    reading.input().ifPresent(input -> learn(input, recorded.at()));
    watch.accept(recorded, state);
    for (Event event : recorded.events()) {
      state = Evolution.evolve(state, event, recorded.at());
    }
  }

  /** An input on which nothing was decided. */
  private void pass(LogEntry entry, boolean sameOwner) {
    if (sameOwner && log.hasObservations() && options.includes(entry.at())) {
      entry.input().ifPresent(input -> wouldDecide(entry, input));
    }
    learn(entry);
  }

  private void wouldDecide(LogEntry entry, Input input) {
    List<Event> events = decide(state, input, entry.at()).events();
    if (events.isEmpty() || input instanceof Ordered) {
      return;
    }
    List<String> kinds = events.stream().map(Replay::kind).toList();
    Integer known = added.putIfAbsent(kinds, judgements.size());
    if (known != null) {
      judgements.set(known, judgements.get(known).oftener());
      return;
    }
    judgements.add(
        new Judgement(
            entry.place(),
            entry.at(),
            Outcome.ADDED,
            what(entry),
            Side.NOTHING,
            new Side(events, List.of()),
            "",
            0));
  }

  private static String kind(Event event) {
    return EventCodec.wireName(event) + " " + event.aboutGroup();
  }

  private void learn(LogEntry entry) {
    entry.input().ifPresent(input -> learn(input, entry.at()));
  }

  /** As the core takes an input in; what follows from it is in the record. */
  private void learn(Input input, Instant at) {
    state =
        switch (input) {
          case Happened(MemberFenced fenced) -> state;
          case Happened(MemberExited exited) -> state;
          case Happened(var event) -> Evolution.evolve(state, event, at);
          case Observed(var observation) -> Evolution.evolve(state, observation);
          case Ordered ordered -> state;
          case Done done -> state;
        };
  }

  private static String what(Basis basis, RecordedDecision recorded, Optional<LogEntry> cause) {
    Basis.Input input = basis.input();
    return switch (input.kind()) {
      case EVENT -> cause.map(Replay::what).orElse("an event that is missing");
      case OBSERVATION -> "what " + input.observer() + " saw";
      case COMMAND -> "a command of " + input.by();
      case OUTCOME ->
          input.action() == null
              ? "an action's outcome"
              : input.action().step() + " on " + input.action().member() + " ended";
    };
  }

  private static String what(LogEntry entry) {
    return switch (entry) {
      case OfEvent e ->
          EventCodec.wireName(e.envelope().data()).replaceAll("io.shardguard.|.v\\d+$", "")
              + " of "
              + e.envelope().source();
      case LogEntry.OfObservation o -> "what " + o.observation().observer() + " saw";
      case LogEntry.OfCommand c -> "a command of " + c.envelope().source();
      case LogEntry.Unknown u -> u.why();
    };
  }
}
