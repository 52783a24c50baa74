package io.shardguard.failover.replay;

import io.shardguard.events.Basis;
import io.shardguard.events.Command;
import io.shardguard.events.Diagnosis;
import io.shardguard.events.Envelope;
import io.shardguard.events.Envelope.Cause;
import io.shardguard.events.Event;
import io.shardguard.events.EventCodec;
import io.shardguard.events.GroupTopology;
import io.shardguard.events.Lsn;
import io.shardguard.events.MemberAddress;
import io.shardguard.events.MonitorEvent.NodeDown;
import io.shardguard.events.Observation;
import io.shardguard.events.Observation.Downstream;
import io.shardguard.events.Observation.MemberStatus;
import io.shardguard.events.Observation.MemberView;
import io.shardguard.events.Observation.Upstream;
import io.shardguard.events.Observation.Verdict;
import io.shardguard.events.ProvisionerEvent.ClusterDeclared;
import io.shardguard.events.ProvisionerEvent.Engine;
import io.shardguard.events.ProvisionerEvent.Group;
import io.shardguard.events.ProvisionerEvent.MemberCreated;
import io.shardguard.events.ProvisionerEvent.MemberFenced;
import io.shardguard.events.ReplicationEvent.SynchronousArmed;
import io.shardguard.events.ReplicationEvent.SynchronousRelaxed;
import io.shardguard.events.Timeline;
import io.shardguard.events.Topics;
import io.shardguard.events.TransitionEvent.MetadataUpdated;
import io.shardguard.events.TransitionEvent.StandbyPromoted;
import io.shardguard.events.TransitionEvent.StandbySealed;
import io.shardguard.events.TransitionEvent.TwoPhaseRecovered;
import io.shardguard.failover.core.Action;
import io.shardguard.failover.core.Action.ArmSynchronous;
import io.shardguard.failover.core.Action.Promote;
import io.shardguard.failover.core.Action.RecoverTwoPhase;
import io.shardguard.failover.core.Action.RelaxSynchronous;
import io.shardguard.failover.core.Action.Seal;
import io.shardguard.failover.core.Action.UpdateMetadata;
import io.shardguard.failover.core.ClusterState;
import io.shardguard.failover.core.Decision;
import io.shardguard.failover.core.DecisionCore;
import io.shardguard.failover.core.Input;
import io.shardguard.failover.core.Policy;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A log in the making: a group of two members as an observer sees it, the core that decides, hands
 * that carry out what it asks for, and the lines that all of it leaves in an exported log.
 */
final class Recording {

  static final Policy POLICY = PolicySettings.policy(Map.of());
  private static final Lsn LSN = Lsn.parse("0/5000000");

  private final EventCodec codec = new EventCodec();
  private final Map<String, List<String>> lines = new HashMap<>();
  private final Map<String, Long> offsets = new HashMap<>();
  private final Set<Action> asked = new LinkedHashSet<>();
  private BasisWriter basis = new BasisWriter("one", POLICY);
  private ClusterState state = ClusterState.of("demo", List.of());
  private Instant now = Instant.parse("2026-11-23T12:00:00Z");

  /** Formed, whole, w-a failed over to w-b and back as its standby, all with default settings. */
  static Recording ofAFailover() {
    Recording log = formed();
    log.observe(log.primaryView("w-a", "w-b", 100L), log.standby("w-b", "w-a"));
    log.later(7);
    log.nodeDown("w-a");
    log.carryOut();
    log.happened("provisioner", new MemberFenced(1, "w-a", log.group().transition().id(), 5));
    log.carryOut();
    log.later(3000);
    log.observe(log.primaryView("w-b", "w-a", 100L), log.standby("w-a", "w-b"));
    log.carryOut();
    log.observe(log.primaryView("w-b", "w-a", 200L), log.standby("w-a", "w-b"));
    return log;
  }

  /** Group 1 with w-a as its primary and w-b eligible. */
  static Recording formed() {
    Recording log = new Recording();
    List<MemberAddress> members =
        List.of(
            new MemberAddress("w-a", "10.0.1.1", 5432), new MemberAddress("w-b", "10.0.1.2", 5432));
    log.happened(
        "provisioner", new ClusterDeclared(List.of(new Group(1, members)), Engine.CITUS, "13"));
    log.happened("provisioner", new MemberCreated(1, "w-a", "7"));
    log.observe(log.standby("w-a", null));
    log.carryOut();
    log.later(3000);
    log.observe(log.primaryView("w-a", "w-b", 100L), log.standby("w-b", "w-a"));
    log.carryOut();
    log.observe(log.primaryView("w-a", "w-b", 200L), log.standby("w-b", "w-a"));
    return log;
  }

  Recording later(long millis) {
    now = now.plusMillis(millis);
    return this;
  }

  Instant now() {
    return now;
  }

  GroupTopology group() {
    return state.groups().get(1);
  }

  /** Another instance takes over: it knows what was decided, and has seen nothing. */
  Recording owner(String name) {
    basis = new BasisWriter(name, POLICY);
    state = ClusterState.of("demo", state.groups().values());
    return this;
  }

  Recording observe(MemberView... views) {
    later(1000);
    Observation observation = new Observation("m1", now, false, List.of(views));
    Cause place =
        write(Topics.OBSERVATIONS, codec.write(EventCodec.envelope("o", "demo", observation)));
    return take(new Input.Observed(observation), Optional.of(place));
  }

  /** An observation that comes while nobody decides. */
  Recording missed(MemberView... views) {
    later(1000);
    Observation observation = new Observation("m1", now, false, List.of(views));
    write(Topics.OBSERVATIONS, codec.write(EventCodec.envelope("o", "demo", observation)));
    return this;
  }

  Recording nodeDown(String member) {
    return happened(
        "health-monitor",
        new NodeDown(
            1, member, "m1", Diagnosis.CONNECTION_REFUSED_WITNESSED, List.of("refused"), 20));
  }

  Recording happened(String source, Event event) {
    later(10);
    byte[] value = codec.write(EventCodec.envelope("e", source, now, "demo", List.of(), event));
    return take(new Input.Happened(event), Optional.of(write(Topics.EVENTS, value)));
  }

  Recording ordered(Command command) {
    later(10);
    byte[] value = codec.write(EventCodec.envelope("c", "cli/ops@db1", now, "demo", command));
    Cause place = write(Topics.COMMANDS, value);
    return take(new Input.Ordered(command, "cli/ops@db1", false), Optional.of(place));
  }

  /** A line among the events as it is. */
  Recording raw(String value) {
    write(Topics.EVENTS, value.getBytes(StandardCharsets.UTF_8));
    return this;
  }

  private Recording take(Input input, Optional<Cause> cause) {
    Decision decision = new DecisionCore(POLICY).decide(state, input, now);
    if (!decision.events().isEmpty()) {
      Basis rests = basis.of(state, input, decision);
      for (Event event : decision.events()) {
        Envelope<Event> envelope =
            EventCodec.envelope("d", LogEntry.SOURCE, now, "demo", cause.stream().toList(), event);
        boolean first = event == decision.events().get(0);
        write(Topics.EVENTS, first ? codec.write(envelope, rests) : codec.write(envelope));
      }
    }
    cause.ifPresent(basis::taken);
    state = decision.state();
    asked.addAll(decision.actions());
    return this;
  }

  /** Carries out what is asked for, and what follows from that. */
  Recording carryOut() {
    while (!asked.isEmpty()) {
      Action next = asked.iterator().next();
      asked.remove(next);
      later(30);
      take(new Input.Done(next, outcome(next)), Optional.empty());
      asked.removeIf(action -> action.equals(next));
    }
    return this;
  }

  private Optional<Event> outcome(Action action) {
    Timeline timeline = group().timeline() == null ? new Timeline(1) : group().timeline();
    return switch (action) {
      case Seal a ->
          Optional.of(new StandbySealed(1, a.transition(), a.member(), timeline, LSN, 1));
      case Promote a ->
          Optional.of(
              new StandbyPromoted(
                  1, a.transition(), a.member(), new Timeline(timeline.id() + 1), 1));
      case UpdateMetadata a ->
          a.transition() == null
              ? Optional.empty()
              : Optional.of(new MetadataUpdated(1, a.transition(), a.member(), 1));
      case RecoverTwoPhase a ->
          a.transition() == null
              ? Optional.empty()
              : Optional.of(new TwoPhaseRecovered(1, a.transition(), a.member(), 0, 1));
      case ArmSynchronous a ->
          Optional.of(
              new SynchronousArmed(1, a.standby(), List.copyOf(a.standbys()), a.member(), LSN, 1));
      case RelaxSynchronous a -> Optional.of(new SynchronousRelaxed(1, a.member(), 1));
      default -> throw new IllegalStateException("not in these recordings: " + action);
    };
  }

  /** A primary that waits for its standby, which sent its last message so long ago. */
  MemberView primaryView(String member, String standby, Long replyMillis) {
    Downstream stream = new Downstream(standby, "streaming", "quorum", LSN, replyMillis, null);
    return up(
        member,
        new MemberStatus(
            false,
            group().timeline(),
            LSN,
            null,
            "ANY 1 (\"" + standby + "\")",
            "on",
            null,
            List.of(stream),
            Instant.EPOCH));
  }

  MemberView standby(String member, String upstream) {
    Upstream stream = upstream == null ? null : new Upstream(upstream, 5432, "streaming", 10L);
    return up(
        member,
        new MemberStatus(
            true, new Timeline(1), LSN, LSN, "", "on", stream, List.of(), Instant.EPOCH));
  }

  MemberView down(String member) {
    return new MemberView(1, member, Verdict.DOWN, Diagnosis.SILENT_WITNESSED, now, null);
  }

  private MemberView up(String member, MemberStatus status) {
    // It answers when it is observed.
    return new MemberView(1, member, Verdict.UP, null, now.plusSeconds(1), status);
  }

  private Cause write(String topic, byte[] value) {
    // Control records take offsets, too.
    long offset = offsets.merge(topic, 2L, Long::sum);
    String line =
        "{\"topic\":\"%s\",\"partition\":3,\"offset\":%d,\"timestamp\":\"%s\",\"key\":\"demo\",\"value\":%s}"
            .formatted(topic, offset, now, new String(value, StandardCharsets.UTF_8));
    lines.computeIfAbsent(topic, t -> new ArrayList<>()).add(line);
    return new Cause(topic, 3, offset);
  }

  /** The exported log: events and commands, and observations if they are wanted. */
  List<String> lines(boolean withObservations) {
    List<String> all = new ArrayList<>();
    all.add(LogFile.head("demo", now, null, null, LogStart.NOTHING));
    all.addAll(lines.getOrDefault(Topics.EVENTS, List.of()));
    all.addAll(lines.getOrDefault(Topics.COMMANDS, List.of()));
    if (withObservations) {
      all.addAll(lines.getOrDefault(Topics.OBSERVATIONS, List.of()));
    }
    all.add(LogFile.end(all.size() - 1));
    return all;
  }

  RecordedLog read(boolean withObservations) {
    return read(lines(withObservations));
  }

  static RecordedLog read(List<String> lines) {
    try {
      return LogFile.read(lines.iterator());
    } catch (UnusableLogException e) {
      throw new AssertionError(e);
    }
  }
}
