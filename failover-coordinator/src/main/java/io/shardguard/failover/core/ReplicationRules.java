package io.shardguard.failover.core;

import io.shardguard.events.GroupTopology;
import io.shardguard.events.GroupTopology.Attach;
import io.shardguard.events.Lsn;
import io.shardguard.events.MemberAddress;
import io.shardguard.events.Observation.Downstream;
import io.shardguard.events.Observation.MemberStatus;
import io.shardguard.events.Observation.MemberView;
import io.shardguard.events.Observation.Verdict;
import io.shardguard.events.ReplicationEvent.AttachStarted;
import io.shardguard.events.ReplicationEvent.StandbyAttached;
import io.shardguard.events.ReplicationEvent.StandbyDetached;
import io.shardguard.failover.core.Action.ArmSynchronous;
import io.shardguard.failover.core.Action.RelaxSynchronous;
import java.util.List;
import java.util.Optional;

/**
 * Who is eligible, while the primary serves (design I1). One standby at a time is synchronous: the
 * others of a larger group follow, and one of them is attached once the first is detached.
 *
 * <p>Why nothing is lost: the standby leaves {@code eligible} before the primary stops to wait for
 * it, and enters it only once the primary surely waits for it and it holds everything from before.
 * So at any time each acknowledged commit is on every eligible standby.
 */
final class ReplicationRules {

  /**
   * A standby further behind is left to catch up first: commits would wait for it. In bytes: one
   * WAL segment.
   */
  private static final long ATTACH_WITHIN = 16L * 1024 * 1024;

  private ReplicationRules() {}

  static void apply(Draft draft, GroupTopology group, MemberView primary) {
    if (group.attach() != null) {
      attach(draft, group, group.attach(), primary.status());
    } else if (!group.eligible().isEmpty()) {
      group.eligible().forEach(standby -> watch(draft, group, standby, primary.status()));
    } else {
      gain(draft, group, primary.status());
    }
  }

  private static void attach(
      Draft draft, GroupTopology group, Attach attach, MemberStatus primary) {
    List<String> lost = lost(draft, attach.standby(), primary);
    Optional<Downstream> stream = primary.downstream(attach.standby());
    if (!lost.isEmpty()) {
      detach(draft, group, attach.standby(), lost);
    } else if (attach.lsn() == null) {
      draft.ask(new ArmSynchronous(group.group(), group.primary(), attach.standby()));
    } else if (stream.filter(s -> holds(s, attach.lsn())).isPresent()) {
      draft.emit(
          new StandbyAttached(
              group.group(), attach.standby(), group.primary(), stream.get().flushLsn()));
    }
  }

  private static boolean holds(Downstream stream, Lsn lsn) {
    return stream.streaming()
        && stream.synchronous()
        && stream.flushLsn() != null
        && stream.flushLsn().hasReached(lsn);
  }

  private static void watch(
      Draft draft, GroupTopology group, String standby, MemberStatus primary) {
    List<String> lost = lost(draft, standby, primary);
    if (!lost.isEmpty()) {
      detach(draft, group, standby, lost);
    } else if (!primary.synchronousStandbyNames().contains('"' + standby + '"')) {
      detach(
          draft,
          group,
          standby,
          List.of(
              group.primary()
                  + " has synchronous_standby_names = '"
                  + primary.synchronousStandbyNames()
                  + "'"));
    }
  }

  /** Why the standby cannot be counted on; empty if it can. */
  private static List<String> lost(Draft draft, String standby, MemberStatus primary) {
    Optional<MemberView> view = draft.view(standby);
    if (view.map(v -> v.verdict() == Verdict.DOWN).orElse(false)) {
      return List.of(standby + " is down (" + view.get().diagnosis() + ")");
    }
    boolean streaming = primary.downstream(standby).map(Downstream::streaming).orElse(false);
    boolean receiving = receives(draft, standby);
    // Both ends must agree: one view alone may be a moment old, and a standby that is lost costs
    // the failover.
    return streaming || receiving ? List.of() : List.of("the primary has no stream to " + standby);
  }

  /**
   * The event comes first, the action after it is durable: a relaxation whose outcome is unknown
   * counts as done.
   */
  private static void detach(
      Draft draft, GroupTopology group, String standby, List<String> evidence) {
    draft.emit(new StandbyDetached(group.group(), standby, group.primary(), evidence));
    draft.ask(new RelaxSynchronous(group.group(), group.primary()));
  }

  /**
   * Nobody is eligible: the primary must wait for nobody, and a standby that streams is attached.
   */
  private static void gain(Draft draft, GroupTopology group, MemberStatus primary) {
    Optional<MemberAddress> next =
        group.standbys().stream()
            .filter(m -> receives(draft, m.name()) && closeBehind(m.name(), primary))
            .findFirst();
    if (next.isPresent()) {
      draft.emit(new AttachStarted(group.group(), next.get().name(), group.primary()));
    } else if (!primary.synchronousStandbyNames().isEmpty()) {
      draft.ask(new RelaxSynchronous(group.group(), group.primary()));
    }
  }

  private static boolean receives(Draft draft, String standby) {
    return draft
        .view(standby)
        .filter(v -> v.upInRecovery() && v.status().upstream() != null)
        .isPresent();
  }

  private static boolean closeBehind(String standby, MemberStatus primary) {
    return primary
        .downstream(standby)
        .filter(Downstream::streaming)
        .filter(
            s -> s.flushLsn() != null && primary.flushLsn().minus(s.flushLsn()) <= ATTACH_WITHIN)
        .isPresent();
  }
}
