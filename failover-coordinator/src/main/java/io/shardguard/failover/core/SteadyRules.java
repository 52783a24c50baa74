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

  /** So long observers may need to come to the same verdict before their disagreement is said. */
  private static final Duration MAJORITY_WITHIN = Duration.ofSeconds(10);

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
    } else if (primary.verdict() == Verdict.SUSPECT) {
      sayThatMostDoNotAgree(draft, group, primary);
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
    Optional<Refused> refused = refusal(draft, group);
    if (refused.isPresent()) {
      refuse(draft, group, primary, refused.get());
    } else {
      start(
          draft,
          group,
          TransitionKind.FAILOVER,
          false,
          group.quorum(),
          "the primary is down",
          List.of(describe(primary)));
    }
  }

  /** Why a group gets no primary. */
  private record Refused(Refusal refusal, String reason, List<String> seen) {}

  private static Optional<Refused> refusal(Draft draft, GroupTopology group) {
    if (group.paused()) {
      return refused(
          Refusal.PAUSED,
          "automatic failovers are paused by " + group.orders().pause().by(),
          List.of());
    }
    if (group.inMaintenance(group.primary())) {
      return refused(Refusal.MAINTENANCE, group.primary() + " is in maintenance", List.of());
    }
    if (group.quorum().isEmpty()) {
      return refused(
          Refusal.NO_ELIGIBLE_STANDBY,
          "no standby surely holds every acknowledged commit",
          List.of());
    }
    return unusable(draft, group).or(() -> flapping(draft, group));
  }

  private static Optional<Refused> refused(Refusal refusal, String reason, List<String> seen) {
    return Optional.of(new Refused(refusal, reason, seen));
  }

  private static Optional<Refused> unusable(Draft draft, GroupTopology group) {
    for (String standby : group.quorum()) {
      Optional<MemberView> view = draft.view(standby);
      List<String> seen =
          List.of(view.map(SteadyRules::describe).orElse(standby + " was never seen"));
      if (view.map(v -> diverged(group, v)).orElse(false)) {
        return refused(
            Refusal.ELIGIBLE_STANDBY_DIVERGED,
            standby + " was promoted by somebody else: its history is not the group's",
            seen);
      }
      if (!view.map(MemberView::upInRecovery).orElse(false)) {
        return refused(
            Refusal.ELIGIBLE_STANDBY_AWAY,
            "every eligible standby must be sealed, one is away",
            seen);
      }
    }
    return Optional.empty();
  }

  /** Somebody promoted it behind our back: it takes writes, or did. */
  static boolean diverged(GroupTopology group, MemberView standby) {
    return standby.upWritable()
        || (standby.upInRecovery() && standby.status().timeline().compareTo(group.timeline()) > 0);
  }

  private static Optional<Refused> flapping(Draft draft, GroupTopology group) {
    Instant from = draft.now().minus(draft.policy().failoversWithin());
    long recent = group.failovers().stream().filter(at -> at.isAfter(from)).count();
    return recent < draft.policy().failoversAtMost()
        ? Optional.empty()
        : refused(
            Refusal.FLAPPING,
            recent
                + " automatic failovers within "
                + draft.policy().failoversWithin().toMinutes()
                + " min: the next is made when the first of them is longer ago",
            List.of());
  }

  private static void refuse(
      Draft draft, GroupTopology group, MemberView primary, Refused refused) {
    if (group.refusal() != refused.refusal()) {
      List<String> seen = new ArrayList<>(List.of(describe(primary)));
      seen.addAll(refused.seen());
      draft.emit(
          new FailoverRefused(
              group.group(), refused.refusal(), refused.reason(), List.copyOf(seen)));
    }
  }

  /**
   * Observers of a majority see the primary, or none of them says more than that it is suspect:
   * then those who say that it is down may be the ones that are cut off.
   */
  private static void sayThatMostDoNotAgree(Draft draft, GroupTopology group, MemberView primary) {
    List<String> observers = draft.state().sayDown(group.primary());
    // An owner that has begun just now was not told when they said so.
    Instant since = draft.state().downSince(group.primary()).orElse(primary.lastAnswer());
    boolean longAgo = since != null && since.plus(MAJORITY_WITHIN).isBefore(draft.now());
    if (!observers.isEmpty() && longAgo) {
      refuse(
          draft,
          group,
          primary,
          new Refused(
              Refusal.NO_MAJORITY,
              "most observers do not say that the primary is down",
              List.of("down says " + String.join(", ", observers))));
    }
  }

  static void start(
      Draft draft,
      GroupTopology group,
      TransitionKind kind,
      boolean oldPrimaryEnded,
      Collection<String> toSeal,
      String reason,
      List<String> evidence) {
    start(draft, group, kind, oldPrimaryEnded, toSeal, reason, evidence, null);
  }

  /** A transition of this kind; {@code successor} is null but for a switchover. */
  static void start(
      Draft draft,
      GroupTopology group,
      TransitionKind kind,
      boolean oldPrimaryEnded,
      Collection<String> toSeal,
      String reason,
      List<String> evidence,
      String successor) {
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
            List.copyOf(evidence),
            successor);
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

  static boolean answeredSince(GroupTopology group, MemberView view) {
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
