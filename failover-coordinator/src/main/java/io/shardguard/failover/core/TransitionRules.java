package io.shardguard.failover.core;

import io.shardguard.events.GroupTopology;
import io.shardguard.events.GroupTopology.Fencing;
import io.shardguard.events.GroupTopology.Promoting;
import io.shardguard.events.GroupTopology.Sealing;
import io.shardguard.events.GroupTopology.SettlingTwoPhase;
import io.shardguard.events.GroupTopology.SyncingMetadata;
import io.shardguard.events.GroupTopology.Transition;
import io.shardguard.events.GroupTopology.UpdatingMetadata;
import io.shardguard.events.GroupTopology.WalEnd;
import io.shardguard.events.Lsn;
import io.shardguard.events.MemberAddress;
import io.shardguard.events.Observation.MemberStatus;
import io.shardguard.events.Observation.MemberView;
import io.shardguard.events.Observation.Verdict;
import io.shardguard.events.ProvisionerEvent.MemberExited;
import io.shardguard.events.ProvisionerEvent.MemberFenced;
import io.shardguard.events.ReplicationEvent.FailoverRefused;
import io.shardguard.events.ReplicationEvent.Refusal;
import io.shardguard.events.TransitionEvent.DataLossAccepted;
import io.shardguard.events.TransitionEvent.OldPrimaryEnded;
import io.shardguard.events.TransitionEvent.PromotionStarted;
import io.shardguard.events.TransitionEvent.Rejected;
import io.shardguard.events.TransitionEvent.StepSkipped;
import io.shardguard.events.TransitionEvent.TransitionAbandoned;
import io.shardguard.events.TransitionEvent.TransitionCompleted;
import io.shardguard.events.TransitionKind;
import io.shardguard.failover.core.Action.LookForSync;
import io.shardguard.failover.core.Action.Promote;
import io.shardguard.failover.core.Action.RecoverTwoPhase;
import io.shardguard.failover.core.Action.Seal;
import io.shardguard.failover.core.Action.UpdateMetadata;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * How an open transition goes on: seal, promote, end of the old primary, metadata, two-phase
 * commits, DDL.
 */
final class TransitionRules {

  private TransitionRules() {}

  static void apply(Draft draft, GroupTopology group, Transition open) {
    switch (open.step()) {
      case Sealing sealing -> seal(draft, group, open, sealing);
      case Promoting promoting ->
          draft.ask(new Promote(group.group(), open.id(), promoting.candidate()));
      case Fencing fencing -> awaitEnd(draft, group, open);
      case UpdatingMetadata updating -> tell(draft, group, open, updating);
      case SettlingTwoPhase settling -> settle(draft, group, open, settling);
      case SyncingMetadata syncing -> awaitSync(draft, group, open, syncing);
    }
  }

  /** The runtime ended the member on behalf of a transition. */
  static void ended(Draft draft, MemberFenced fenced) {
    ended(draft, fenced.group(), fenced.member(), "the runtime ended its processes");
  }

  /**
   * The runtime saw that the member's processes are gone; its next start is as a standby (design
   * I3).
   */
  static void ended(Draft draft, MemberExited exited) {
    String evidence = "the runtime saw its processes gone: " + exited.reason();
    ended(draft, exited.group(), exited.member(), evidence);
  }

  private static void ended(Draft draft, int id, String member, String evidence) {
    openOn(draft, id, member).ifPresent(open -> ended(draft, id, open, evidence));
    draft
        .state()
        .group(id)
        .filter(group -> group.barred() != null && group.barred().member().equals(member))
        .filter(group -> !group.barred().ended())
        .ifPresent(group -> BarringRules.ended(draft, group, evidence));
  }

  private static Optional<Transition> openOn(Draft draft, int group, String member) {
    return draft
        .state()
        .group(group)
        .map(GroupTopology::transition)
        .filter(open -> !open.oldPrimaryEnded() && member.equals(open.oldPrimary()));
  }

  private static void ended(Draft draft, int group, Transition open, String evidence) {
    draft.emit(new OldPrimaryEnded(group, open.id(), open.oldPrimary(), evidence));
  }

  /**
   * All that could get a commit acknowledged are sealed, then the one with the most WAL is
   * promoted: {@link Quorum} says why nothing is lost. The old primary itself has everything too,
   * once it is a standby: it is waited for where one of the sealed has another history.
   */
  private static void seal(Draft draft, GroupTopology group, Transition open, Sealing sealing) {
    Map<String, WalEnd> sealed = sealing.sealed();
    Optional<String> futile =
        switch (open.kind()) {
          case RESUMPTION -> whyNotResume(draft, group);
          case SWITCHOVER -> SwitchoverRules.whyNot(draft, group, open, sealing);
          case FORMATION, FAILOVER, FORCED_FAILOVER -> Optional.empty();
        };
    if (futile.isPresent()) {
      draft.emit(new TransitionAbandoned(group.group(), open.id(), futile.get()));
    } else if (open.oldPrimaryEnded()
        && open.oldPrimary() != null
        && sealed.containsKey(open.oldPrimary())) {
      choose(draft, group, open, Map.of(open.oldPrimary(), sealed.get(open.oldPrimary())));
    } else if (unsealed(draft, open, sealing).isEmpty() && !sealed.isEmpty()) {
      choose(draft, group, open, sealed);
    } else if (open.kind() == TransitionKind.SWITCHOVER) {
      SwitchoverRules.seal(draft, group, open, sealing);
    } else {
      unsealed(draft, open, sealing)
          .forEach(member -> draft.ask(new Seal(group.group(), open.id(), member)));
      sealOldPrimaryInstead(draft, group, open, sealing);
    }
  }

  /** Who must still be sealed; who is away need not be, if an operator gave up what it may have. */
  private static List<String> unsealed(Draft draft, Transition open, Sealing sealing) {
    boolean forced = open.kind() == TransitionKind.FORCED_FAILOVER;
    return sealing.toSeal().stream()
        .filter(member -> !sealing.sealed().containsKey(member))
        .filter(member -> !(forced && isDown(draft, member)))
        .toList();
  }

  /**
   * An eligible standby went away during the failover, or none of the sealed is of use, but the old
   * primary is back as a standby: it will do.
   */
  private static void sealOldPrimaryInstead(
      Draft draft, GroupTopology group, Transition open, Sealing sealing) {
    List<String> unsealed = unsealed(draft, open, sealing);
    boolean oneAway =
        unsealed.isEmpty() || unsealed.stream().anyMatch(member -> isDown(draft, member));
    if (oneAway
        && open.oldPrimary() != null
        && open.oldPrimaryEnded()
        && backAsStandby(draft, open)) {
      draft.ask(new Seal(group.group(), open.id(), open.oldPrimary()));
    }
  }

  private static void choose(
      Draft draft, GroupTopology group, Transition open, Map<String, WalEnd> sealed) {
    String successor = ((Sealing) open.step()).successor();
    Quorum.Choice choice = Quorum.choose(sealed, group.timeline(), successor);
    boolean forced = open.kind() == TransitionKind.FORCED_FAILOVER;
    if (choice.candidate().isEmpty() || !(choice.sure() || forced)) {
      refuseDiverged(draft, group, choice.rejected());
      sealOldPrimaryInstead(draft, group, open, (Sealing) open.step());
      return;
    }
    String candidate = choice.candidate().get();
    Lsn end = sealed.get(candidate).lsn();
    if (forced && !candidate.equals(open.oldPrimary())) {
      draft.emit(
          new DataLossAccepted(
              group.group(), open.id(), open.oldPrimary(), end, known(draft, open.oldPrimary())));
    }
    draft.emit(new PromotionStarted(group.group(), open.id(), candidate, end, choice.rejected()));
  }

  private static void refuseDiverged(Draft draft, GroupTopology group, List<Rejected> rejected) {
    if (group.refusal() != Refusal.ELIGIBLE_STANDBY_DIVERGED) {
      draft.emit(
          new FailoverRefused(
              group.group(),
              Refusal.ELIGIBLE_STANDBY_DIVERGED,
              "a sealed member has another history than the group: until it parted it may have got the"
                  + " last commits acknowledged",
              rejected.stream().map(r -> r.member() + " " + r.reason()).toList()));
    }
  }

  /** How far the member was known to have written as a primary; null if that was never seen. */
  private static Lsn known(Draft draft, String oldPrimary) {
    return draft
        .view(oldPrimary)
        .map(MemberView::status)
        .filter(status -> !status.inRecovery())
        .map(MemberStatus::flushLsn)
        .orElse(null);
  }

  /** Nothing was touched but the primary itself: it may serve after all, or be down again. */
  private static Optional<String> whyNotResume(Draft draft, GroupTopology group) {
    Optional<MemberView> primary = draft.view(group.primary());
    if (primary.map(MemberView::upWritable).orElse(false)) {
      return Optional.of(group.primary() + " takes writes already");
    }
    return isDown(draft, group.primary())
        ? Optional.of(group.primary() + " is down again")
        : Optional.empty();
  }

  static boolean isDown(Draft draft, String member) {
    return draft.view(member).map(view -> view.verdict() == Verdict.DOWN).orElse(false);
  }

  /**
   * The provisioner reports the end; a member that is seen in recovery after the start of all this
   * ended, too.
   */
  private static void awaitEnd(Draft draft, GroupTopology group, Transition open) {
    if (backAsStandby(draft, open)) {
      ended(draft, group.group(), open, open.oldPrimary() + " was seen in recovery");
    }
  }

  private static boolean backAsStandby(Draft draft, Transition open) {
    return draft
        .view(open.oldPrimary())
        .filter(view -> view.upInRecovery() && surelyAfter(open.startedAt(), view))
        .isPresent();
  }

  private static boolean surelyAfter(Instant moment, MemberView view) {
    return view.lastAnswer().isAfter(moment.plus(SteadyRules.CLOCK_TOLERANCE));
  }

  private static void tell(
      Draft draft, GroupTopology group, Transition open, UpdatingMetadata updating) {
    Map<Integer, MemberAddress> own =
        Map.of(group.group(), group.member(group.primary()).orElseThrow());
    for (String member : updating.pending()) {
      if (!skipIfAway(draft, group, open, "update-metadata", member)) {
        // The new primary may have missed what happened to other groups while it was a standby of a
        // primary cut off.
        Map<Integer, MemberAddress> primaries =
            member.equals(group.primary()) ? allPrimaries(draft) : own;
        draft.ask(new UpdateMetadata(group.group(), open.id(), member, primaries));
      }
    }
  }

  /** The primaries that may be written to, by group. */
  static Map<Integer, MemberAddress> allPrimaries(Draft draft) {
    Map<Integer, MemberAddress> primaries = new TreeMap<>();
    draft
        .state()
        .groups()
        .values()
        .forEach(g -> g.writable().ifPresent(address -> primaries.put(g.group(), address)));
    return primaries;
  }

  private static void settle(
      Draft draft, GroupTopology group, Transition open, SettlingTwoPhase settling) {
    if (settling.pending().isEmpty()) {
      complete(draft, group, open);
    } else if (noOldPrimaryMayAct(draft) && BarringRules.noOldPrimaryIsAdmitted(draft)) {
      for (String member : settling.pending()) {
        if (!skipIfAway(draft, group, open, "recover-two-phase", member)) {
          draft.ask(new RecoverTwoPhase(group.group(), open.id(), member));
        }
      }
    }
  }

  /**
   * Nobody waits for this but DDL, so it is not waited for long; nor at all when the new primary
   * itself is down, which needs another transition.
   */
  private static void awaitSync(
      Draft draft, GroupTopology group, Transition open, SyncingMetadata syncing) {
    if (syncing.pending().isEmpty()) {
      complete(draft, group, open);
      return;
    }
    boolean late = !draft.now().isBefore(syncing.since().plus(draft.policy().syncWithin()));
    for (String member : syncing.pending()) {
      if (isDown(draft, group.primary())) {
        skipSync(draft, group, open, member, group.primary() + " is down again");
      } else if (late) {
        String reason = "Citus has not brought its metadata to all workers yet, and refuses DDL";
        skipSync(draft, group, open, member, reason);
      } else if (!skipIfAway(draft, group, open, LookForSync.STEP, member)) {
        draft.ask(new LookForSync(group.group(), open.id(), member, present(draft)));
      }
    }
  }

  private static void skipSync(
      Draft draft, GroupTopology group, Transition open, String member, String reason) {
    draft.emit(new StepSkipped(group.group(), open.id(), LookForSync.STEP, member, reason));
  }

  /** The groups whose primaries can be told anything. */
  private static Set<Integer> present(Draft draft) {
    return draft.state().groups().values().stream()
        .filter(group -> group.writable().isPresent() && !isDown(draft, group.primary()))
        .map(GroupTopology::group)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static void complete(Draft draft, GroupTopology group, Transition open) {
    long millis = Duration.between(open.startedAt(), draft.now()).toMillis();
    draft.emit(
        new TransitionCompleted(group.group(), open.id(), group.primary(), open.epoch(), millis));
  }

  /** Design I6: never between the sealing and the end of any group's old primary. */
  private static boolean noOldPrimaryMayAct(Draft draft) {
    return draft.state().groups().values().stream()
        .map(GroupTopology::transition)
        .allMatch(open -> open == null || open.step().clientsMayEnter());
  }

  /**
   * A primary that is away is told everything when its own group next gets one, or in quiet times.
   */
  private static boolean skipIfAway(
      Draft draft, GroupTopology group, Transition open, String step, String member) {
    Optional<MemberView> view = draft.view(member);
    boolean down = isDown(draft, member);
    boolean standby =
        view.map(v -> v.upInRecovery() && surelyAfter(group.since(), v)).orElse(false);
    if (down || standby) {
      draft.emit(
          new StepSkipped(
              group.group(),
              open.id(),
              step,
              member,
              down ? "it is down" : "it is a standby at present"));
    }
    return down || standby;
  }
}
