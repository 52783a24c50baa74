package io.shardguard.failover.core;

import io.shardguard.events.Command;
import io.shardguard.events.Diagnosis;
import io.shardguard.events.Event;
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
import io.shardguard.events.ReplicationEvent.MemberAdmitted;
import io.shardguard.events.ReplicationEvent.MemberBarred;
import io.shardguard.events.ReplicationEvent.SynchronousArmed;
import io.shardguard.events.ReplicationEvent.SynchronousRelaxed;
import io.shardguard.events.Timeline;
import io.shardguard.events.TransitionEvent.MetadataSynced;
import io.shardguard.events.TransitionEvent.MetadataUpdated;
import io.shardguard.events.TransitionEvent.StandbyPromoted;
import io.shardguard.events.TransitionEvent.StandbySealed;
import io.shardguard.events.TransitionEvent.TwoPhaseRecovered;
import io.shardguard.failover.core.Action.Admit;
import io.shardguard.failover.core.Action.ArmSynchronous;
import io.shardguard.failover.core.Action.Bar;
import io.shardguard.failover.core.Action.LookForSync;
import io.shardguard.failover.core.Action.Promote;
import io.shardguard.failover.core.Action.RecoverTwoPhase;
import io.shardguard.failover.core.Action.RelaxSynchronous;
import io.shardguard.failover.core.Action.Seal;
import io.shardguard.failover.core.Action.UpdateMetadata;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A cluster as the core sees it: members that a test sets up, an observer that reports them, and
 * hands that carry out what the core asks for.
 */
final class World {

  static final Lsn LSN = Lsn.parse("0/5000000");

  static final Policy POLICY =
      new Policy(
          Duration.ofSeconds(2),
          Duration.ofSeconds(3),
          3,
          Duration.ofMinutes(10),
          Duration.ofSeconds(1),
          Duration.ofSeconds(5));

  private static final DecisionCore CORE = new DecisionCore(POLICY);

  private final Map<String, MemberView> views = new LinkedHashMap<>();
  private Instant now = Instant.parse("2026-11-23T12:00:00Z");
  private ClusterState state = ClusterState.of("demo", List.of());
  private List<Event> events = new ArrayList<>();
  private List<Action> actions = new ArrayList<>();

  /**
   * Groups 0 and 1 with members c-a, c-b and w-a, w-b; each with its first member as primary, the
   * second eligible.
   */
  static World whole() {
    World world = declared();
    for (String pair : List.of("c", "w")) {
      int group = pair.equals("c") ? 0 : 1;
      world.happened(new MemberCreated(group, pair + "-a", "7"));
      world.standby(pair + "-a", null);
    }
    world.observe().carryOutEverything();
    for (String pair : List.of("c", "w")) {
      world.pair(pair + "-a", pair + "-b", 1);
    }
    world.observe().carryOutEverything();
    // The standbys are attached, then two-phase commits are settled for the first time.
    world.observe().observe().observe();
    world.forget();
    return world;
  }

  /** Group 1 alone, with w-a, w-b and w-c; w-a is the primary and waits for one of the others. */
  static World three() {
    World world = new World();
    world.happened(new ClusterDeclared(List.of(group(1, "w-a", "w-b", "w-c")), Engine.CITUS, "13"));
    world.happened(new MemberCreated(1, "w-a", "7")).standby("w-a", null);
    world.observe().carryOutEverything();
    world.streams("", "w-b", "w-c").observe().carryOutEverything();
    world.streams(names("w-b"), "w-b", "w-c").observe().observe().carryOutEverything();
    world.streams(names("w-b", "w-c"), "w-b", "w-c").observe().observe();
    world.forget();
    return world;
  }

  /** w-a is a primary with this setting, and these standbys stream from it. */
  World streams(String names, String... standbys) {
    Downstream[] rows =
        Arrays.stream(standbys)
            .map(standby ->
                new Downstream(
                    standby,
                    "streaming",
                    names.contains(standby) ? "quorum" : "async",
                    LSN,
                    100L,
                    null))
            .toArray(Downstream[]::new);
    primary("w-a", 2, names, rows);
    Arrays.stream(standbys).forEach(standby -> standby(standby, "w-a"));
    return this;
  }

  static String names(String... standbys) {
    return Quorum.names(Set.of(standbys));
  }

  World ordered(Command command) {
    return take(new Input.Ordered(command, "cli/ops@db1", false));
  }

  World orderedLongAgo(Command command) {
    return take(new Input.Ordered(command, "cli/ops@db1", true));
  }

  static World declared() {
    World world = new World();
    world.happened(
        new ClusterDeclared(
            List.of(group(0, "c-a", "c-b"), group(1, "w-a", "w-b")), Engine.CITUS, "13"));
    return world;
  }

  private static Group group(int id, String... members) {
    List<MemberAddress> addresses = new ArrayList<>();
    for (String member : members) {
      addresses.add(new MemberAddress(member, "10.0." + id + "." + (addresses.size() + 1), 5432));
    }
    return new Group(id, addresses);
  }

  World happened(Event event) {
    return take(new Input.Happened(event));
  }

  World done(Action action, Event event) {
    return found(action, Optional.of(event));
  }

  World found(Action action, Optional<Event> event) {
    return take(new Input.Done(action, event));
  }

  /** The observer reports what is set up, one second later. */
  World observe() {
    now = now.plusSeconds(1);
    List<MemberView> report =
        views.values().stream().map(v -> v.verdict() == Verdict.UP ? answered(v) : v).toList();
    return take(new Input.Observed(new Observation("m1", now, false, report)));
  }

  World observe(String observer, boolean isolated, List<MemberView> report) {
    return take(new Input.Observed(new Observation(observer, now, isolated, report)));
  }

  World later(Duration by) {
    now = now.plus(by);
    return this;
  }

  private MemberView answered(MemberView view) {
    return new MemberView(view.group(), view.member(), Verdict.UP, null, now, view.status());
  }

  private World take(Input input) {
    now = now.plusMillis(10);
    Decision decision = CORE.decide(state, input, now);
    state = decision.state();
    events.addAll(decision.events());
    actions = new ArrayList<>(decision.actions());
    return this;
  }

  /** A primary that waits for its standby, and the standby that streams from it. */
  World pair(String primary, String standby, int timeline) {
    primary(
        primary,
        timeline,
        "ANY 1 (\"" + standby + "\")",
        new Downstream(standby, "streaming", "quorum", LSN, 100L, null));
    return standby(standby, primary);
  }

  World primary(String member, int timeline, String names, Downstream... downstreams) {
    return answers(
        member,
        new MemberStatus(
            false,
            new Timeline(timeline),
            LSN,
            null,
            names,
            "on",
            null,
            List.of(downstreams),
            Instant.EPOCH));
  }

  /** A standby that has flushed so far, the observer says. */
  World flushed(String member, Lsn lsn) {
    MemberStatus s = views.get(member).status();
    return answers(
        member,
        new MemberStatus(
            true, s.timeline(), lsn, lsn, "", "on", s.upstream(), List.of(), Instant.EPOCH));
  }

  World standby(String member, String upstream) {
    Upstream stream = upstream == null ? null : new Upstream(upstream, 5432, "streaming", 10L);
    return answers(
        member,
        new MemberStatus(
            true, new Timeline(1), LSN, LSN, "", "on", stream, List.of(), Instant.EPOCH));
  }

  private World answers(String member, MemberStatus status) {
    views.put(member, new MemberView(groupOf(member), member, Verdict.UP, null, now, status));
    return this;
  }

  World gone(String member) {
    views.put(member, down(member));
    return this;
  }

  MemberView down(String member) {
    MemberView last = views.get(member);
    return new MemberView(
        groupOf(member),
        member,
        Verdict.DOWN,
        Diagnosis.CONNECTION_REFUSED_WITNESSED,
        last.lastAnswer(),
        last.status());
  }

  List<MemberView> views() {
    return List.copyOf(views.values());
  }

  /** The observer says at once that the member is down. */
  World nodeDown(String member) {
    gone(member);
    return happened(
        new NodeDown(
            groupOf(member),
            member,
            "m1",
            Diagnosis.CONNECTION_REFUSED_WITNESSED,
            List.of("refused"),
            20));
  }

  World fenced(String member) {
    String transition = group(groupOf(member)).transition().id();
    return happened(new MemberFenced(groupOf(member), member, transition, 5));
  }

  /** Carries out what is asked for, and what follows from that, until nothing more is asked for. */
  World carryOutEverything() {
    while (!actions.isEmpty()) {
      Action next = actions.get(0);
      List<Action> rest = new ArrayList<>(actions.subList(1, actions.size()));
      carryOut(next);
      for (Action more : rest) {
        if (!actions.contains(more) && stillWanted(more)) {
          actions.add(more);
        }
      }
    }
    return this;
  }

  private boolean stillWanted(Action action) {
    return !(action instanceof Seal || action instanceof Promote)
        || group(action.group()).transition() != null;
  }

  /** Carries one action out and reports its success. */
  World carryOut(Action action) {
    int group = action.group();
    return switch (action) {
      case Seal a ->
          done(a, new StandbySealed(group, a.transition(), a.member(), lineage(group), LSN, 1));
      case Promote a -> {
        Timeline next =
            new Timeline(group(group).timeline() == null ? 2 : group(group).timeline().id() + 1);
        yield done(a, new StandbyPromoted(group, a.transition(), a.member(), next, 1));
      }
      case UpdateMetadata a ->
          a.transition() == null
              ? forgetAction(a)
              : done(a, new MetadataUpdated(group, a.transition(), a.member(), 1));
      case RecoverTwoPhase a ->
          a.transition() == null
              ? forgetActions()
              : done(a, new TwoPhaseRecovered(group, a.transition(), a.member(), 0, 1));
      case LookForSync a -> done(a, new MetadataSynced(group, a.transition(), a.member(), 1));
      case ArmSynchronous a ->
          done(
              a,
              new SynchronousArmed(
                  group, a.standby(), List.copyOf(a.standbys()), a.member(), LSN, 1));
      case RelaxSynchronous a -> done(a, new SynchronousRelaxed(group, a.member(), 1));
      case Bar a -> done(a, new MemberBarred(group, a.old().name(), a.member(), 1));
      case Admit a -> done(a, new MemberAdmitted(group, a.old().name(), a.member(), 1));
    };
  }

  private World forgetAction(Action action) {
    actions.remove(action);
    return this;
  }

  private World forgetActions() {
    actions.clear();
    return this;
  }

  private Timeline lineage(int group) {
    return group(group).timeline() == null ? new Timeline(1) : group(group).timeline();
  }

  GroupTopology group(int id) {
    return state.groups().get(id);
  }

  ClusterState state() {
    return state;
  }

  List<Action> actions() {
    return List.copyOf(actions);
  }

  List<Event> events() {
    return List.copyOf(events);
  }

  <T extends Event> List<T> events(Class<T> type) {
    return events.stream().filter(type::isInstance).map(type::cast).toList();
  }

  World forget() {
    events = new ArrayList<>();
    return this;
  }

  private static int groupOf(String member) {
    return member.startsWith("c") ? 0 : 1;
  }
}
