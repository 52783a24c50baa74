package io.shardguard.failover.core;

import io.shardguard.events.GroupTopology;
import io.shardguard.events.GroupTopology.Sealing;
import io.shardguard.events.GroupTopology.Transition;
import io.shardguard.events.GroupTopology.WalEnd;
import io.shardguard.events.Lsn;
import io.shardguard.events.MemberAddress;
import io.shardguard.events.Observation.Downstream;
import io.shardguard.events.Observation.MemberStatus;
import io.shardguard.events.Observation.MemberView;
import io.shardguard.events.TransitionKind;
import io.shardguard.failover.core.Action.Seal;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A switchover: what an operator orders of a group whose primary serves. Up to the choice of the
 * candidate nothing has happened that cannot be taken back: the primary goes on as such, and
 * detaches and attaches again who was sealed. From the choice on it is a failover like any other.
 *
 * <p>The one that is to follow is sealed last, once it has all that the others can have got
 * acknowledged: so it ends last, and {@link Quorum} chooses it.
 */
final class SwitchoverRules {

  /** Commits wait while the last standby is sealed: a switchover that takes longer is given up. */
  static final Duration SEALED_WITHIN = Duration.ofSeconds(5);

  /** In bytes, one WAL segment: what is not replayed yet delays the promotion. */
  private static final long CLOSE_BEHIND = 16L * 1024 * 1024;

  private SwitchoverRules() {}

  /** Why none can be begun; empty if one can. */
  static Optional<String> hindrance(Draft draft, GroupTopology group, String to) {
    return ofTheGroup(group)
        .or(() -> ofThePrimary(draft, group))
        .or(() -> ofTheSuccessor(group, to))
        .or(() ->
            group.eligible().stream()
                .flatMap(standby -> ofStandby(draft, group, standby).stream())
                .findFirst());
  }

  private static Optional<String> ofTheGroup(GroupTopology group) {
    if (group.primary() == null) {
      return Optional.of("the group never had a primary");
    }
    if (group.transition() != null) {
      return Optional.of("the transition " + group.transition().id() + " is open");
    }
    if (group.paused()) {
      return Optional.of(
          "automatic failovers are paused by "
              + group.orders().pause().by()
              + ", and one may be needed half-way: resume them first");
    }
    if (group.barred() != null) {
      return Optional.of("members still refuse " + group.barred().member() + ", an old primary");
    }
    if (group.attach() != null || group.detach() != null) {
      return Optional.of("it is being changed whom the primary waits for: give it again soon");
    }
    return group.eligible().isEmpty()
        ? Optional.of("no standby surely holds every acknowledged commit")
        : Optional.empty();
  }

  private static Optional<String> ofThePrimary(Draft draft, GroupTopology group) {
    boolean serves =
        draft
            .view(group.primary())
            .filter(view -> view.upWritable() && SteadyRules.answeredSince(group, view))
            .isPresent();
    return serves
        ? Optional.empty()
        : Optional.of(group.primary() + " does not serve: that is what failover is for");
  }

  private static Optional<String> ofTheSuccessor(GroupTopology group, String to) {
    if (to == null) {
      return successor(group, null).isPresent()
          ? Optional.empty()
          : Optional.of("every eligible standby is in maintenance");
    }
    if (group.member(to).isEmpty()) {
      return Optional.of("group " + group.group() + " has no member " + to);
    }
    if (to.equals(group.primary())) {
      return Optional.of(to + " is the primary");
    }
    if (group.inMaintenance(to)) {
      return Optional.of(to + " is in maintenance");
    }
    return group.eligible().contains(to)
        ? Optional.empty()
        : Optional.of(to + " is not eligible: it may lack acknowledged commits");
  }

  /** Each of the eligible must be sealed, and none may hold that up. */
  private static Optional<String> ofStandby(Draft draft, GroupTopology group, String standby) {
    Optional<MemberView> view = draft.view(standby);
    if (view.filter(MemberView::upInRecovery).isEmpty()) {
      return Optional.of(standby + " is eligible and does not answer as a standby");
    }
    if (SteadyRules.diverged(group, view.get())) {
      return Optional.of(standby + " has another history than the group");
    }
    MemberStatus primary = draft.view(group.primary()).orElseThrow().status();
    Optional<Downstream> stream = primary.downstream(standby).filter(Downstream::streaming);
    if (stream.isEmpty() || stream.get().flushLsn() == null) {
      return Optional.of(standby + " does not stream from " + group.primary());
    }
    boolean behind =
        isBehind(primary.flushLsn(), stream.get().flushLsn())
            || isBehind(view.get().status().flushLsn(), view.get().status().replayLsn());
    return behind
        ? Optional.of(standby + " is more than " + CLOSE_BEHIND / 1024 / 1024 + " MB behind")
        : Optional.empty();
  }

  private static boolean isBehind(Lsn ahead, Lsn follows) {
    return follows == null || ahead.minus(follows) > CLOSE_BEHIND;
  }

  /** Begins one that nothing hinders. */
  static void start(Draft draft, GroupTopology group, String to, String reason) {
    SteadyRules.start(
        draft,
        group,
        TransitionKind.SWITCHOVER,
        false,
        group.eligible(),
        reason,
        List.of(),
        successor(group, to).orElseThrow());
  }

  private static Optional<String> successor(GroupTopology group, String to) {
    return group.standbys().stream()
        .map(MemberAddress::name)
        .filter(standby -> to == null || standby.equals(to))
        .filter(standby -> group.eligible().contains(standby) && !group.inMaintenance(standby))
        .findFirst();
  }

  /** Asks for the next seal: of the others first. */
  static void seal(Draft draft, GroupTopology group, Transition open, Sealing sealing) {
    List<String> others =
        sealing.toSeal().stream()
            .filter(m -> !m.equals(sealing.successor()) && !sealing.sealed().containsKey(m))
            .toList();
    others.forEach(member -> draft.ask(new Seal(group.group(), open.id(), member)));
    if (others.isEmpty() && hasAllOfTheOthers(draft, sealing)) {
      draft.ask(new Seal(group.group(), open.id(), sealing.successor()));
    }
  }

  private static boolean hasAllOfTheOthers(Draft draft, Sealing sealing) {
    Optional<Lsn> own = draft.view(sealing.successor()).map(v -> v.status().flushLsn());
    return sealing.sealed().values().stream()
        .map(WalEnd::lsn)
        .allMatch(lsn -> own.isPresent() && own.get().hasReached(lsn));
  }

  /**
   * Why it cannot be brought to its end without holding up the group's commits; empty if it can.
   */
  static Optional<String> whyNot(
      Draft draft, GroupTopology group, Transition open, Sealing sealing) {
    for (String member : sealing.toSeal()) {
      if (TransitionRules.isDown(draft, member)) {
        return Optional.of(member + " is down");
      }
      if (draft.view(member).map(MemberView::upWritable).orElse(false)) {
        return Optional.of(member + " was promoted by somebody else");
      }
    }
    if (!sealing.sealed().keySet().containsAll(sealing.toSeal())) {
      if (TransitionRules.isDown(draft, group.primary())) {
        return Optional.of(group.primary() + " is down: that needs a failover");
      }
      return draft.now().isBefore(open.startedAt().plus(SEALED_WITHIN))
          ? Optional.empty()
          : Optional.of("not every standby was sealed within " + SEALED_WITHIN.toSeconds() + " s");
    }
    Quorum.Choice choice = Quorum.choose(sealing.sealed(), group.timeline(), sealing.successor());
    boolean asOrdered = choice.candidate().filter(sealing.successor()::equals).isPresent();
    return asOrdered && choice.sure()
        ? Optional.empty()
        : Optional.of(sealing.successor() + " has not all that the others have");
  }
}
