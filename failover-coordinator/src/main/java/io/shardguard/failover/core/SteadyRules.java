package io.shardguard.failover.core;

import io.shardguard.events.Event;
import io.shardguard.events.GroupTopology;
import io.shardguard.events.Observation.MemberView;
import io.shardguard.events.Observation.Verdict;
import io.shardguard.events.ReplicationEvent.FailoverRefused;
import io.shardguard.events.ReplicationEvent.Refusal;
import io.shardguard.events.ReplicationEvent.RogueFound;
import io.shardguard.events.TransitionEvent.TransitionStarted;
import io.shardguard.events.TransitionKind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** What a group without an open transition needs. */
final class SteadyRules {

  /**
   * An answer this long after a promotion surely is not from before it, with clocks that differ a
   * little.
   */
  static final Duration CLOCK_TOLERANCE = Duration.ofSeconds(1);

  private SteadyRules() {}

  static void apply(Draft draft, GroupTopology group) {
    if (group.primary() == null) {
      form(draft, group);
      return;
    }
    Optional<MemberView> seen = draft.view(group.primary());
    if (seen.isEmpty() || !seenSince(draft, group)) {
      return;
    }
    MemberView primary = seen.get();
    if (primary.verdict() == Verdict.DOWN) {
      failOver(draft, group, primary);
    } else if (primary.upInRecovery() && answeredSince(group, primary)) {
      resume(draft, group);
    } else if (primary.upWritable() && answeredSince(group, primary)) {
      expelRogues(draft, group);
      ReplicationRules.apply(draft, group, primary);
    }
  }

  /**
   * Only a member that was made with an empty database may become a first primary: everybody else
   * has a past.
   */
  private static void form(Draft draft, GroupTopology group) {
    String fresh = group.fresh();
    if (fresh != null && draft.view(fresh).map(MemberView::upInRecovery).orElse(false)) {
      start(
          draft,
          group,
          TransitionKind.FORMATION,
          true,
          List.of(fresh),
          "the group never had a primary",
          List.of());
    }
  }

  /**
   * Members start as standbys; the log says that this one is the primary, so it holds every
   * acknowledged commit.
   */
  private static void resume(Draft draft, GroupTopology group) {
    start(
        draft,
        group,
        TransitionKind.RESUMPTION,
        true,
        List.of(group.primary()),
        "the primary restarted as a standby",
        List.of());
  }

  private static void failOver(Draft draft, GroupTopology group, MemberView primary) {
    List<String> seen = new ArrayList<>();
    seen.add(describe(primary));
    if (group.eligible().isEmpty()) {
      refuse(
          draft,
          group,
          Refusal.NO_ELIGIBLE_STANDBY,
          "no standby surely holds every acknowledged commit",
          seen);
      return;
    }
    for (String standby : group.eligible()) {
      Optional<MemberView> view = draft.view(standby);
      if (!view.map(MemberView::upInRecovery).orElse(false)) {
        seen.add(view.map(SteadyRules::describe).orElse(standby + " was never seen"));
        refuse(
            draft,
            group,
            Refusal.ELIGIBLE_STANDBY_AWAY,
            "every eligible standby must be sealed, one is away",
            seen);
        return;
      }
    }
    start(
        draft,
        group,
        TransitionKind.FAILOVER,
        false,
        group.eligible(),
        "the primary is down",
        seen);
  }

  private static void refuse(
      Draft draft, GroupTopology group, Refusal refusal, String reason, List<String> seen) {
    if (group.refusal() != refusal) {
      draft.emit(new FailoverRefused(group.group(), refusal, reason, List.copyOf(seen)));
    }
  }

  private static void start(
      Draft draft,
      GroupTopology group,
      TransitionKind kind,
      boolean oldPrimaryEnded,
      Collection<String> toSeal,
      String reason,
      List<String> evidence) {
    String id =
        "g" + group.group() + "-e" + group.epoch().next() + "-" + draft.now().toEpochMilli();
    Event started =
        new TransitionStarted(
            group.group(),
            id,
            kind,
            group.epoch().next(),
            group.primary(),
            oldPrimaryEnded,
            List.copyOf(toSeal),
            reason,
            List.copyOf(evidence));
    draft.emit(started);
  }

  /**
   * A writable member that is not the primary can only have been made so behind our back, or be an
   * old one thawed.
   */
  private static void expelRogues(Draft draft, GroupTopology group) {
    group.standbys().stream()
        .flatMap(standby -> draft.view(standby.name()).stream())
        .filter(view -> view.upWritable() && answeredSince(group, view))
        .filter(view -> !draft.state().rogues().contains(view.member()))
        .forEach(view ->
            draft.emit(
                new RogueFound(
                    group.group(),
                    view.member(),
                    group.primary(),
                    view.status().timeline(),
                    view.status().flushLsn())));
  }

  private static boolean seenSince(Draft draft, GroupTopology group) {
    return draft.state().seenAt().isAfter(group.since());
  }

  private static boolean answeredSince(GroupTopology group, MemberView view) {
    return view.lastAnswer() != null
        && view.lastAnswer().isAfter(group.since().plus(CLOCK_TOLERANCE));
  }

  private static String describe(MemberView view) {
    Instant answered = view.lastAnswer();
    return view.member()
        + " is "
        + view.verdict()
        + (view.diagnosis() == null ? "" : " (" + view.diagnosis() + ")")
        + (answered == null ? ", never answered" : ", last answered " + answered);
  }
}
