package io.shardguard.failover.core;

import io.shardguard.events.GroupTopology;
import io.shardguard.events.GroupTopology.Barred;
import io.shardguard.events.GroupTopology.Fencing;
import io.shardguard.events.GroupTopology.Transition;
import io.shardguard.events.MemberAddress;
import io.shardguard.events.Observation.MemberView;
import io.shardguard.events.Observation.Verdict;
import io.shardguard.events.ReplicationEvent.BarringEnded;
import io.shardguard.events.TransitionEvent.BarringStarted;
import io.shardguard.events.TransitionEvent.OldPrimaryEnded;
import io.shardguard.failover.core.Action.Admit;
import io.shardguard.failover.core.Action.Bar;
import java.util.List;

/**
 * The fence at the receivers (design I5), for an old primary whose runtime does not answer. Sealed
 * as it is, it can get nothing of its own acknowledged; but it can still send: COMMIT PREPARED when
 * a wait ends early, and single-shard writes with old metadata. So every other member refuses it
 * before clients are let in. Needs an address of its own for each member.
 */
final class BarringRules {

  private BarringRules() {}

  static void apply(Draft draft, GroupTopology group) {
    Transition open = group.transition();
    Barred barred = group.barred();
    if (open != null && open.step() instanceof Fencing && barred == null) {
      start(draft, group, open);
    } else if (barred != null && barred.ended()) {
      barred.by().stream()
          .filter(by -> answers(draft, by))
          .forEach(by -> draft.ask(new Admit(group.group(), by, address(group, barred))));
    } else if (barred != null) {
      goOn(draft, group, barred);
    }
  }

  private static void start(Draft draft, GroupTopology group, Transition open) {
    boolean inTime = draft.now().isBefore(group.since().plus(draft.policy().barAfter()));
    if (!inTime && tellsWhoSends(group.member(open.oldPrimary()).orElseThrow())) {
      draft.emit(new BarringStarted(group.group(), open.id(), open.oldPrimary()));
    }
  }

  /** Connections between members of one machine's loopback network all come from 127.0.0.1. */
  private static boolean tellsWhoSends(MemberAddress address) {
    return address.host().matches("[0-9.]+|[0-9a-fA-F:]*:[0-9a-fA-F:.]*")
        && !address.host().startsWith("127.")
        && !address.host().equals("::1");
  }

  private static void goOn(Draft draft, GroupTopology group, Barred barred) {
    if (backAsStandby(draft, group, barred)) {
      ended(draft, group, barred.member() + " was seen in recovery");
      return;
    }
    List<String> open = open(draft, barred);
    open.forEach(member -> draft.ask(new Bar(group.group(), member, address(group, barred))));
    Transition transition = group.transition();
    if (open.isEmpty() && transition != null && transition.step() instanceof Fencing) {
      draft.emit(
          new OldPrimaryEnded(
              group.group(),
              transition.id(),
              barred.member(),
              "every member that answers refuses it"));
    }
  }

  /**
   * The members that do not refuse it yet; one that is down, or not made, is told when it answers.
   */
  private static List<String> open(Draft draft, Barred barred) {
    return draft.state().groups().values().stream()
        .flatMap(g -> g.members().stream())
        .map(MemberAddress::name)
        .filter(member -> !member.equals(barred.member()) && !barred.by().contains(member))
        .filter(member -> answers(draft, member))
        .toList();
  }

  private static boolean answers(Draft draft, String member) {
    return draft
        .view(member)
        .map(v -> v.status() != null && v.verdict() != Verdict.DOWN)
        .orElse(false);
  }

  /** Every old primary has ended, or is refused by all that answer. */
  static boolean noOldPrimaryIsAdmitted(Draft draft) {
    return draft.state().groups().values().stream()
        .map(GroupTopology::barred)
        .allMatch(barred -> barred == null || barred.ended() || open(draft, barred).isEmpty());
  }

  /** The end of the member became known: what is barred is admitted again. */
  static void ended(Draft draft, GroupTopology group, String evidence) {
    draft.emit(new BarringEnded(group.group(), group.barred().member(), evidence));
  }

  private static boolean backAsStandby(Draft draft, GroupTopology group, Barred barred) {
    return draft
        .view(barred.member())
        .filter(MemberView::upInRecovery)
        .filter(view -> view.lastAnswer().isAfter(group.since().plus(SteadyRules.CLOCK_TOLERANCE)))
        .isPresent();
  }

  private static MemberAddress address(GroupTopology group, Barred barred) {
    return group.member(barred.member()).orElseThrow();
  }
}
