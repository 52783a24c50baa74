package io.shardguard.failover.core;

import io.shardguard.events.Diagnosis;
import io.shardguard.events.Epoch;
import io.shardguard.events.Event;
import io.shardguard.events.GroupTopology;
import io.shardguard.events.GroupTopology.Attach;
import io.shardguard.events.GroupTopology.Barred;
import io.shardguard.events.GroupTopology.Detach;
import io.shardguard.events.GroupTopology.Fencing;
import io.shardguard.events.GroupTopology.Loss;
import io.shardguard.events.GroupTopology.Orders;
import io.shardguard.events.GroupTopology.Paused;
import io.shardguard.events.GroupTopology.Promoting;
import io.shardguard.events.GroupTopology.Sealing;
import io.shardguard.events.GroupTopology.SettlingTwoPhase;
import io.shardguard.events.GroupTopology.Step;
import io.shardguard.events.GroupTopology.SyncingMetadata;
import io.shardguard.events.GroupTopology.Transition;
import io.shardguard.events.GroupTopology.UpdatingMetadata;
import io.shardguard.events.GroupTopology.WalEnd;
import io.shardguard.events.LoadBalancerEvent;
import io.shardguard.events.MemberAddress;
import io.shardguard.events.MonitorEvent;
import io.shardguard.events.MonitorEvent.NodeDown;
import io.shardguard.events.MonitorEvent.NodeUnreachable;
import io.shardguard.events.MonitorEvent.NodeUp;
import io.shardguard.events.MonitorEvent.ObserverIsolated;
import io.shardguard.events.MonitorEvent.ReplicationBroken;
import io.shardguard.events.MonitorEvent.ReplicationCaughtUp;
import io.shardguard.events.Observation;
import io.shardguard.events.Observation.MemberView;
import io.shardguard.events.Observation.Verdict;
import io.shardguard.events.OperatorEvent;
import io.shardguard.events.OperatorEvent.CommandRefused;
import io.shardguard.events.OperatorEvent.FailoversPaused;
import io.shardguard.events.OperatorEvent.FailoversResumed;
import io.shardguard.events.OperatorEvent.MaintenanceEnded;
import io.shardguard.events.OperatorEvent.MaintenanceStarted;
import io.shardguard.events.ProvisionerEvent;
import io.shardguard.events.ProvisionerEvent.ClusterDeclared;
import io.shardguard.events.ProvisionerEvent.Group;
import io.shardguard.events.ProvisionerEvent.MemberCreated;
import io.shardguard.events.ReplicationEvent;
import io.shardguard.events.ReplicationEvent.AttachStarted;
import io.shardguard.events.ReplicationEvent.BarringEnded;
import io.shardguard.events.ReplicationEvent.DetachStarted;
import io.shardguard.events.ReplicationEvent.FailoverRefused;
import io.shardguard.events.ReplicationEvent.MemberAdmitted;
import io.shardguard.events.ReplicationEvent.MemberBarred;
import io.shardguard.events.ReplicationEvent.RogueFound;
import io.shardguard.events.ReplicationEvent.StandbyAttached;
import io.shardguard.events.ReplicationEvent.StandbyDetached;
import io.shardguard.events.ReplicationEvent.SynchronousArmed;
import io.shardguard.events.ReplicationEvent.SynchronousRelaxed;
import io.shardguard.events.TransitionEvent;
import io.shardguard.events.TransitionEvent.BarringStarted;
import io.shardguard.events.TransitionEvent.DataLossAccepted;
import io.shardguard.events.TransitionEvent.MetadataSynced;
import io.shardguard.events.TransitionEvent.MetadataUpdated;
import io.shardguard.events.TransitionEvent.OldPrimaryEnded;
import io.shardguard.events.TransitionEvent.PromotionStarted;
import io.shardguard.events.TransitionEvent.StandbyPromoted;
import io.shardguard.events.TransitionEvent.StandbySealed;
import io.shardguard.events.TransitionEvent.StepFailed;
import io.shardguard.events.TransitionEvent.StepSkipped;
import io.shardguard.events.TransitionEvent.TransitionAbandoned;
import io.shardguard.events.TransitionEvent.TransitionCompleted;
import io.shardguard.events.TransitionEvent.TransitionStarted;
import io.shardguard.events.TransitionEvent.TwoPhaseRecovered;
import io.shardguard.events.TransitionKind;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The one door for change: a state and an event make the next state. */
public final class Evolution {

  /** Failovers before this are forgotten: longer than any window in which they are counted. */
  static final Duration FAILOVERS_KEPT = Duration.ofHours(1);

  private static final int COORDINATOR = 0;

  private Evolution() {}

  /**
   * The state after an event. An event that does not fit the state (a late one, of a transition
   * that is over) changes nothing.
   *
   * @param at when the event happened, as its envelope says
   */
  public static ClusterState evolve(ClusterState state, Event event, Instant at) {
    return switch (event) {
      case ProvisionerEvent e -> provisioner(state, e);
      case MonitorEvent e -> monitor(state, e, at);
      case TransitionEvent e -> transition(state, e, at);
      case ReplicationEvent e -> replication(state, e);
      case OperatorEvent e -> operator(state, e, at);
      case LoadBalancerEvent e -> state;
    };
  }

  /** The state after an observation. */
  public static ClusterState evolve(ClusterState state, Observation observation) {
    return state.with(observation);
  }

  private static ClusterState provisioner(ClusterState state, ProvisionerEvent event) {
    return switch (event) {
      case ClusterDeclared e -> declared(state, e);
      case MemberCreated e ->
          change(
              state,
              e.group(),
              g -> g.primary() == null ? new Edit(g).fresh(e.member()).done() : g);
      case ProvisionerEvent.MemberStarted e -> state;
      case ProvisionerEvent.MemberExited e -> state;
      case ProvisionerEvent.MemberFenced e -> state;
      case ProvisionerEvent.RejoinStarted e -> state;
      case ProvisionerEvent.MemberRejoined e -> state;
      case ProvisionerEvent.RejoinFailed e -> state;
      case ProvisionerEvent.ClusterReady e -> state;
    };
  }

  private static ClusterState declared(ClusterState state, ClusterDeclared declaration) {
    ClusterState next = state;
    for (Group group : declaration.groups()) {
      GroupTopology known = state.groups().get(group.group());
      next =
          next.with(
              known == null
                  ? unformed(state.cluster(), group)
                  : new Edit(known).members(group.members()).done());
    }
    return next;
  }

  private static GroupTopology unformed(String cluster, Group group) {
    return GroupTopology.steady(
        cluster, group.group(), group.members(), Epoch.NONE, null, null, null, Set.of());
  }

  private static ClusterState monitor(ClusterState state, MonitorEvent event, Instant at) {
    return switch (event) {
      case NodeDown e ->
          seenAs(state, e.member(), e.observer(), Verdict.DOWN, e.diagnosis(), at)
              .withDown(e.member(), e.observer(), at);
      case NodeUp e ->
          change(
              seenAs(state, e.member(), e.observer(), Verdict.SUSPECT, null, at)
                  .withoutDown(e.member(), e.observer()),
              e.group(),
              g -> e.member().equals(g.primary()) ? new Edit(g).refusal(null).done() : g);
      case NodeUnreachable e -> state;
      case ReplicationBroken e -> state;
      case ReplicationCaughtUp e -> state;
      case ObserverIsolated e -> state;
    };
  }

  /**
   * The event comes before the observer's next observation: take its verdict into the newest one.
   * What a member that is up again answers comes with the next.
   */
  private static ClusterState seenAs(
      ClusterState state,
      String member,
      String observer,
      Verdict verdict,
      Diagnosis diagnosis,
      Instant at) {
    Observation last = state.seen().get(observer);
    if (last == null || last.at().isAfter(at)) {
      return state;
    }
    List<MemberView> views =
        last.members().stream()
            .map(view -> view.member().equals(member) ? view.judged(verdict, diagnosis) : view)
            .toList();
    return state.with(new Observation(last.observer(), at, last.isolated(), views));
  }

  private static ClusterState transition(ClusterState state, TransitionEvent event, Instant at) {
    int group = event.aboutGroup().orElseThrow();
    if (event instanceof TransitionStarted e) {
      return change(state, group, g -> started(g, e, at));
    }
    return change(
        state,
        group,
        g -> {
          Transition open = g.transition();
          return open == null || !open.id().equals(event.transition())
              ? g
              : step(state, g, open, event, at);
        });
  }

  private static GroupTopology started(GroupTopology group, TransitionStarted e, Instant at) {
    Sealing sealing = new Sealing(sorted(e.toSeal()), Map.of(), e.successor());
    Transition opened =
        new Transition(
            e.transition(), e.kind(), e.epoch(), e.oldPrimary(), e.oldPrimaryEnded(), at, sealing);
    // A standby that was being attached can get commits acknowledged by now: it counts.
    Edit edit =
        new Edit(group)
            .transition(opened)
            .eligible(group.quorum())
            .attach(null)
            .detach(null)
            .refusal(null);
    return e.kind() == TransitionKind.FAILOVER
        ? edit.failovers(recent(group.failovers(), at)).done()
        : edit.done();
  }

  private static List<Instant> recent(List<Instant> failovers, Instant latest) {
    Instant from = latest.minus(FAILOVERS_KEPT);
    return Stream.concat(
            failovers.stream().filter(failover -> failover.isAfter(from)), Stream.of(latest))
        .toList();
  }

  private static GroupTopology step(
      ClusterState state, GroupTopology group, Transition open, TransitionEvent event, Instant at) {
    return switch (event) {
      case TransitionStarted e -> group;
      case StandbySealed e ->
          open.step() instanceof Sealing sealing ? at(group, open, sealed(sealing, e)) : group;
      case PromotionStarted e ->
          new Edit(group)
              .eligible(Set.of())
              .refusal(null)
              .transition(open.at(new Promoting(e.candidate())))
              .done();
      case DataLossAccepted e ->
          new Edit(group)
              .loss(new Loss(e.transition(), e.oldPrimary(), e.from(), e.to(), at))
              .done();
      case StandbyPromoted e -> promoted(state, group, open, e, at);
      case OldPrimaryEnded e -> ended(state, group, open);
      case BarringStarted e ->
          new Edit(group).barred(new Barred(e.member(), Set.of(), false)).done();
      case MetadataUpdated e -> at(group, open, told(open.step(), e.member()));
      case TwoPhaseRecovered e -> at(group, open, settled(state, open.step(), e.member(), at));
      case MetadataSynced e -> at(group, open, synced(open.step(), e.member()));
      case StepSkipped e -> at(group, open, skipped(state, open.step(), e.member(), at));
      case TransitionAbandoned e -> new Edit(group).transition(null).done();
      case TransitionCompleted e -> new Edit(group).transition(null).done();
      case StepFailed e -> group;
    };
  }

  private static Sealing sealed(Sealing sealing, StandbySealed event) {
    Map<String, WalEnd> all = new HashMap<>(sealing.sealed());
    all.put(event.member(), new WalEnd(event.timeline(), event.lsn()));
    return new Sealing(sealing.toSeal(), Map.copyOf(all), sealing.successor());
  }

  private static GroupTopology promoted(
      ClusterState state, GroupTopology group, Transition open, StandbyPromoted event, Instant at) {
    GroupTopology led =
        new Edit(group)
            .epoch(open.epoch())
            .timeline(event.timeline())
            .primary(event.member())
            .since(at)
            .fresh(null)
            .done();
    return at(led, open, open.oldPrimaryEnded() ? updating(state, led) : new Fencing());
  }

  private static GroupTopology ended(ClusterState state, GroupTopology group, Transition open) {
    Step step = open.step() instanceof Fencing ? updating(state, group) : open.step();
    return at(group, open.withOldPrimaryEnded(), step);
  }

  /** Everybody who routes writes must be told: the primaries of all groups that have one. */
  private static Step updating(ClusterState state, GroupTopology changed) {
    Set<String> primaries =
        state.with(changed).groups().values().stream()
            .filter(group -> group.group() == changed.group() || group.writable().isPresent())
            .map(GroupTopology::primary)
            .collect(Collectors.toCollection(TreeSet::new));
    return new UpdatingMetadata(primaries, Set.of());
  }

  private static Step told(Step step, String member) {
    return step instanceof UpdatingMetadata s
        ? updated(minus(s.pending(), member), plus(s.told(), member))
        : step;
  }

  /** Whoever was told can be asked to settle its two-phase commits. */
  private static Step updated(Set<String> pending, Set<String> told) {
    return pending.isEmpty() ? new SettlingTwoPhase(told) : new UpdatingMetadata(pending, told);
  }

  private static Step settled(ClusterState state, Step step, String member, Instant at) {
    if (!(step instanceof SettlingTwoPhase settling)) {
      return step;
    }
    Set<String> pending = minus(settling.pending(), member);
    return pending.isEmpty()
        ? new SyncingMetadata(coordinator(state), at)
        : new SettlingTwoPhase(pending);
  }

  /** Who can say that the workers have its metadata; empty while group 0 has no primary. */
  private static Set<String> coordinator(ClusterState state) {
    return state
        .group(COORDINATOR)
        .filter(group -> group.writable().isPresent())
        .map(group -> Set.of(group.primary()))
        .orElse(Set.of());
  }

  private static Step synced(Step step, String member) {
    return step instanceof SyncingMetadata s
        ? new SyncingMetadata(minus(s.pending(), member), s.since())
        : step;
  }

  private static Step skipped(ClusterState state, Step step, String member, Instant at) {
    return step instanceof UpdatingMetadata s
        ? updated(minus(s.pending(), member), s.told())
        : synced(settled(state, step, member, at), member);
  }

  private static ClusterState replication(ClusterState state, ReplicationEvent event) {
    if (event instanceof RogueFound e) {
      return state.withRogue(e.member());
    }
    UnaryOperator<GroupTopology> edit =
        switch (event) {
          case AttachStarted e -> g -> new Edit(g).attach(new Attach(e.standby(), null)).done();
          case DetachStarted e ->
              g ->
                  new Edit(g)
                      .attach(null)
                      .detach(new Detach(e.standby(), null))
                      .eligible(g.quorum())
                      .done();
          case SynchronousArmed e -> g -> armed(g, e);
          case StandbyAttached e ->
              g -> new Edit(g).attach(null).eligible(plus(g.eligible(), e.standby())).done();
          case StandbyDetached e ->
              g ->
                  new Edit(g)
                      .attach(null)
                      .detach(null)
                      .eligible(minus(g.eligible(), e.standby()))
                      .done();
          case MemberBarred e -> g -> barredBy(g, e.member(), plus(by(g), e.by()));
          case MemberAdmitted e -> g -> barredBy(g, e.member(), minus(by(g), e.by()));
          case BarringEnded e -> g -> admitted(state, g, e.member());
          case FailoverRefused e -> g -> new Edit(g).refusal(e.refusal()).done();
          case SynchronousRelaxed e -> UnaryOperator.identity();
          case RogueFound e -> UnaryOperator.identity();
        };
    int group = event.aboutGroup().orElseThrow();
    ClusterState changed = change(state, group, edit);
    return event instanceof AttachStarted
            || event instanceof DetachStarted
            || event instanceof StandbyDetached
        ? changed.withChange(group)
        : changed;
  }

  private static GroupTopology armed(GroupTopology group, SynchronousArmed event) {
    String standby = event.standby();
    if (!event.primary().equals(group.primary())) {
      return group;
    }
    if (group.attach() != null && group.attach().standby().equals(standby)) {
      return new Edit(group).attach(new Attach(standby, event.lsn())).done();
    }
    return group.detach() != null && group.detach().standby().equals(standby)
        ? new Edit(group).detach(new Detach(standby, event.lsn())).done()
        : group;
  }

  private static Set<String> by(GroupTopology group) {
    return group.barred() == null ? Set.of() : group.barred().by();
  }

  private static GroupTopology barredBy(GroupTopology group, String member, Set<String> by) {
    Barred barred = group.barred();
    if (barred == null || !barred.member().equals(member)) {
      return group;
    }
    boolean over = barred.ended() && by.isEmpty();
    return new Edit(group).barred(over ? null : new Barred(member, by, barred.ended())).done();
  }

  /**
   * Who was asked to refuse it may have done so without anybody knowing, or be about to: everybody
   * admits it.
   */
  private static GroupTopology admitted(ClusterState state, GroupTopology group, String member) {
    Barred barred = group.barred();
    if (barred == null || !barred.member().equals(member)) {
      return group;
    }
    Set<String> others =
        state.groups().values().stream()
            .flatMap(each -> each.members().stream())
            .map(MemberAddress::name)
            .filter(name -> !name.equals(member))
            .collect(Collectors.toCollection(TreeSet::new));
    return new Edit(group)
        .barred(others.isEmpty() ? null : new Barred(member, others, true))
        .done();
  }

  private static ClusterState operator(ClusterState state, OperatorEvent event, Instant at) {
    UnaryOperator<GroupTopology> edit =
        switch (event) {
          case FailoversPaused e -> g -> ordered(g, new Paused(at, e.by()), maintenance(g));
          case FailoversResumed e -> g -> ordered(g, null, maintenance(g));
          case MaintenanceStarted e -> g -> ordered(g, pause(g), plus(maintenance(g), e.member()));
          case MaintenanceEnded e -> g -> ordered(g, pause(g), minus(maintenance(g), e.member()));
          case CommandRefused e -> UnaryOperator.identity();
        };
    return change(state, event.aboutGroup().orElseThrow(), edit);
  }

  private static Paused pause(GroupTopology group) {
    return group.orders() == null ? null : group.orders().pause();
  }

  private static Set<String> maintenance(GroupTopology group) {
    return group.orders() == null ? Set.of() : group.orders().maintenance();
  }

  private static GroupTopology ordered(GroupTopology group, Paused pause, Set<String> maintenance) {
    boolean nothing = pause == null && maintenance.isEmpty();
    return new Edit(group).orders(nothing ? null : new Orders(pause, maintenance)).done();
  }

  private static GroupTopology at(GroupTopology group, Transition open, Step step) {
    return new Edit(group).transition(open.at(step)).done();
  }

  private static ClusterState change(
      ClusterState state, int group, UnaryOperator<GroupTopology> edit) {
    return state.group(group).map(found -> state.with(edit.apply(found))).orElse(state);
  }

  private static Set<String> minus(Set<String> members, String member) {
    return sorted(members.stream().filter(m -> !m.equals(member)).toList());
  }

  private static Set<String> plus(Set<String> members, String member) {
    Set<String> more = new TreeSet<>(members);
    more.add(member);
    return more;
  }

  private static Set<String> sorted(List<String> members) {
    return new TreeSet<>(members);
  }
}
