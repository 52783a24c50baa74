package io.shardguard.failover.core;

import io.shardguard.events.GroupTopology;
import io.shardguard.events.GroupTopology.Attach;
import io.shardguard.events.GroupTopology.Detach;
import io.shardguard.events.Lsn;
import io.shardguard.events.MemberAddress;
import io.shardguard.events.Observation.Downstream;
import io.shardguard.events.Observation.MemberStatus;
import io.shardguard.events.Observation.MemberView;
import io.shardguard.events.Observation.Verdict;
import io.shardguard.events.ReplicationEvent.AttachStarted;
import io.shardguard.events.ReplicationEvent.DetachStarted;
import io.shardguard.events.ReplicationEvent.StandbyAttached;
import io.shardguard.events.ReplicationEvent.StandbyDetached;
import io.shardguard.failover.core.Action.ArmSynchronous;
import io.shardguard.failover.core.Action.RelaxSynchronous;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Who is eligible, while the primary serves (design I1): one change at a time, each in the order
 * that {@link Quorum} explains.
 */
final class ReplicationRules {

  /**
   * A standby further behind is left to catch up first: commits would wait for it. In bytes: one
   * WAL segment.
   */
  private static final long ATTACH_WITHIN = 16L * 1024 * 1024;

  private final Draft draft;
  private final GroupTopology group;
  private final MemberStatus primary;

  private ReplicationRules(Draft draft, GroupTopology group, MemberStatus primary) {
    this.draft = draft;
    this.group = group;
    this.primary = primary;
  }

  static void apply(Draft draft, GroupTopology group, MemberView primary) {
    new ReplicationRules(draft, group, primary.status()).apply();
  }

  private void apply() {
    Map<String, List<String>> lost = lostOf(group.quorum());
    if (!group.eligible().isEmpty() && lost.keySet().containsAll(group.quorum())) {
      detachAll(lost);
    } else if (group.detach() != null) {
      detach(group.detach(), lost);
    } else if (group.attach() != null) {
      attach(group.attach(), lost);
    } else if (!group.eligible().isEmpty()) {
      watch(lost);
    } else {
      gain();
    }
  }

  private void attach(Attach attach, Map<String, List<String>> lost) {
    Set<String> wanted = new TreeSet<>(group.eligible());
    wanted.add(attach.standby());
    List<String> evidence = lost(attach.standby());
    if (group.eligible().isEmpty() && !evidence.isEmpty()) {
      detachAll(Map.of(attach.standby(), evidence));
    } else if (!lost.isEmpty()) {
      startDetach(lost);
    } else if (attach.lsn() == null || !waitsFor(wanted)) {
      // Not any more, if it did: somebody else changed the setting since.
      arm(attach.standby(), wanted);
    } else {
      primary
          .downstream(attach.standby())
          .filter(stream -> holds(stream, attach.lsn()))
          .ifPresent(stream ->
              draft.emit(
                  new StandbyAttached(
                      group.group(), attach.standby(), group.primary(), stream.flushLsn())));
    }
  }

  private void detach(Detach detach, Map<String, List<String>> lost) {
    Set<String> staying = staying(detach);
    if (lost.keySet().containsAll(staying)) {
      // The leaving one is back, and those that should stay are not: it is the other way round now.
      startDetach(only(lost, staying::contains));
    } else if (detach.lsn() == null || !waitsFor(staying)) {
      arm(detach.standby(), staying);
    } else if (staying.stream()
        .flatMap(standby -> primary.downstream(standby).stream())
        .anyMatch(stream -> holds(stream, detach.lsn()))) {
      detached(
          detach.standby(),
          List.of("each acknowledged commit is on one of " + String.join(", ", staying)));
    }
  }

  private Set<String> staying(Detach detach) {
    Set<String> staying = new TreeSet<>(group.eligible());
    staying.remove(detach.standby());
    return staying;
  }

  private static boolean holds(Downstream stream, Lsn lsn) {
    return stream.streaming()
        && stream.synchronous()
        && stream.flushLsn() != null
        && stream.flushLsn().hasReached(lsn);
  }

  private void watch(Map<String, List<String>> lost) {
    Optional<String> broken = brokenSetting();
    if (broken.isPresent()) {
      // Commits may have been acknowledged without any of them.
      Map<String, List<String>> all = new LinkedHashMap<>();
      group.eligible().forEach(standby -> all.put(standby, List.of(broken.get())));
      detachAll(all);
    } else if (!lost.isEmpty()) {
      startDetach(lost);
    } else {
      next().ifPresent(this::startAttach);
    }
  }

  /** How the primary's settings differ from what the log says: somebody else changed them. */
  private Optional<String> brokenSetting() {
    if (!waitsFor(group.eligible())) {
      return Optional.of(
          group.primary()
              + " has synchronous_standby_names = '"
              + primary.synchronousStandbyNames()
              + "'");
    }
    return waitsForFlush()
        ? Optional.empty()
        : Optional.of(group.primary() + " has synchronous_commit = " + primary.synchronousCommit());
  }

  private boolean waitsFor(Set<String> standbys) {
    return primary.synchronousStandbyNames().equals(Quorum.names(standbys));
  }

  private boolean waitsForFlush() {
    String level = primary.synchronousCommit();
    return level == null || level.equals("on") || level.equals("remote_apply");
  }

  private Map<String, List<String>> lostOf(Set<String> standbys) {
    Map<String, List<String>> lost = new LinkedHashMap<>();
    for (String standby : standbys) {
      List<String> evidence = lost(standby);
      if (!evidence.isEmpty()) {
        lost.put(standby, evidence);
      }
    }
    return lost;
  }

  /** Why the standby cannot be counted on; empty if it can. */
  private List<String> lost(String standby) {
    Optional<MemberView> view = draft.view(standby);
    if (group.inMaintenance(standby)) {
      return List.of(standby + " is in maintenance");
    }
    if (view.map(v -> v.verdict() == Verdict.DOWN).orElse(false)) {
      return List.of(standby + " is down (" + view.get().diagnosis() + ")");
    }
    if (view.map(MemberView::upWritable).orElse(false)) {
      return List.of(standby + " takes writes");
    }
    Optional<Downstream> stream = primary.downstream(standby).filter(Downstream::streaming);
    if (stream.isEmpty()) {
      // Both ends must agree: one view alone may be a moment old, and a standby that is lost costs
      // the failover.
      return receives(standby) ? List.of() : List.of("the primary has no stream to " + standby);
    }
    return hangs(stream.get());
  }

  private List<String> hangs(Downstream stream) {
    if (reached(stream.stalledMillis(), draft.policy().standbyStalledAfter())) {
      return List.of(
          stream.standby()
              + " has flushed nothing for "
              + stream.stalledMillis()
              + " ms, and WAL waits for it");
    }
    return reached(stream.replyMillis(), draft.policy().standbySilentAfter())
        ? List.of(
            "the primary has heard nothing from "
                + stream.standby()
                + " for "
                + stream.replyMillis()
                + " ms")
        : List.of();
  }

  private static boolean reached(Long millis, Duration bound) {
    return millis != null && millis >= bound.toMillis();
  }

  private void arm(String standby, Set<String> standbys) {
    draft.ask(
        new ArmSynchronous(
            group.group(),
            group.primary(),
            standby,
            new TreeSet<>(standbys),
            draft.state().change(group.group())));
  }

  /** One of several: the others stay. */
  private void startDetach(Map<String, List<String>> lost) {
    Map.Entry<String, List<String>> first = lost.entrySet().iterator().next();
    draft.emit(new DetachStarted(group.group(), first.getKey(), group.primary(), first.getValue()));
  }

  /**
   * The events come first, the action after they are durable: a relaxation whose outcome is unknown
   * counts as done.
   */
  private void detachAll(Map<String, List<String>> lost) {
    lost.forEach(this::detached);
    draft.ask(new RelaxSynchronous(group.group(), group.primary()));
  }

  private void detached(String standby, List<String> evidence) {
    draft.emit(new StandbyDetached(group.group(), standby, group.primary(), evidence));
  }

  /**
   * Nobody is eligible: the primary must wait for nobody, and a standby that streams is attached,
   * unless commits would be acknowledged without it.
   */
  private void gain() {
    Optional<String> next = next();
    if (next.isPresent()) {
      startAttach(next.get());
    } else if (!primary.synchronousStandbyNames().isEmpty() || !waitsForFlush()) {
      draft.ask(new RelaxSynchronous(group.group(), group.primary()));
    }
  }

  private void startAttach(String standby) {
    draft.emit(new AttachStarted(group.group(), standby, group.primary()));
  }

  private Optional<String> next() {
    if (!waitsForFlush()) {
      return Optional.empty();
    }
    return group.standbys().stream()
        .map(MemberAddress::name)
        .filter(standby -> !group.eligible().contains(standby))
        .filter(standby -> lost(standby).isEmpty() && receives(standby) && closeBehind(standby))
        .findFirst();
  }

  private boolean receives(String standby) {
    return draft
        .view(standby)
        .filter(v -> v.upInRecovery() && v.status().upstream() != null)
        .isPresent();
  }

  private boolean closeBehind(String standby) {
    return primary
        .downstream(standby)
        .filter(Downstream::streaming)
        .filter(
            s -> s.flushLsn() != null && primary.flushLsn().minus(s.flushLsn()) <= ATTACH_WITHIN)
        .isPresent();
  }

  private static Map<String, List<String>> only(
      Map<String, List<String>> lost, Predicate<String> which) {
    Map<String, List<String>> found = new LinkedHashMap<>();
    lost.forEach((standby, evidence) -> {
      if (which.test(standby)) {
        found.put(standby, evidence);
      }
    });
    return found;
  }
}
