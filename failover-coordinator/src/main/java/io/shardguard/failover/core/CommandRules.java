package io.shardguard.failover.core;

import io.shardguard.events.Command;
import io.shardguard.events.Command.EndMaintenance;
import io.shardguard.events.Command.FailOver;
import io.shardguard.events.Command.Pause;
import io.shardguard.events.Command.Resume;
import io.shardguard.events.Command.StartMaintenance;
import io.shardguard.events.Command.SwitchOver;
import io.shardguard.events.GroupTopology;
import io.shardguard.events.GroupTopology.Sealing;
import io.shardguard.events.GroupTopology.Transition;
import io.shardguard.events.MemberAddress;
import io.shardguard.events.Observation.MemberView;
import io.shardguard.events.OperatorEvent.CommandRefused;
import io.shardguard.events.OperatorEvent.FailoversPaused;
import io.shardguard.events.OperatorEvent.FailoversResumed;
import io.shardguard.events.OperatorEvent.MaintenanceEnded;
import io.shardguard.events.OperatorEvent.MaintenanceStarted;
import io.shardguard.events.TransitionEvent.TransitionAbandoned;
import io.shardguard.events.TransitionKind;
import io.shardguard.failover.core.Input.Ordered;
import java.util.List;
import java.util.Optional;

/** What an operator's command comes to. Each may be given again: it ends in the same state. */
final class CommandRules {

  private static final String TOO_LATE =
      "it was given a while ago, when nobody decided: give it again if need be";

  private final Draft draft;
  private final Command command;
  private final String by;

  private final boolean late;

  private CommandRules(Draft draft, Ordered ordered) {
    this.draft = draft;
    this.command = ordered.command();
    this.by = ordered.by();
    this.late = ordered.late();
  }

  static void apply(Draft draft, Ordered ordered) {
    new CommandRules(draft, ordered).apply();
  }

  private void apply() {
    GroupTopology group = draft.group(command.group());
    if (group == null) {
      refuse("there is no group " + command.group());
      return;
    }
    switch (command) {
      case Pause c -> draft.emit(new FailoversPaused(c.group(), by));
      case Resume c -> draft.emit(new FailoversResumed(c.group(), by));
      case StartMaintenance c -> maintenance(group, c.member(), true);
      case EndMaintenance c -> maintenance(group, c.member(), false);
      case FailOver c -> failOver(group, c.acceptDataLoss());
      case SwitchOver c -> switchOver(group, c.to());
    }
  }

  private void maintenance(GroupTopology group, String member, boolean start) {
    if (group.member(member).isEmpty()) {
      refuse("group " + group.group() + " has no member " + member);
    } else if (start) {
      draft.emit(new MaintenanceStarted(group.group(), member, by));
    } else {
      draft.emit(new MaintenanceEnded(group.group(), member, by));
    }
  }

  private void failOver(GroupTopology group, boolean acceptDataLoss) {
    Optional<String> hindrance = hindrance(group, acceptDataLoss);
    if (hindrance.isPresent()) {
      refuse(hindrance.get());
      return;
    }
    boolean sure = !group.quorum().isEmpty() && unusable(group).isEmpty();
    if (!sure && !acceptDataLoss) {
      refuse(
          group.quorum().isEmpty()
              ? "no standby surely holds every acknowledged commit; --accept-data-loss promotes the one with the most WAL"
              : "acknowledged commits may be on "
                  + String.join(", ", unusable(group))
                  + " alone, which is away or has another history; --accept-data-loss does without");
      return;
    }
    Transition open = group.transition();
    if (open != null) {
      draft.emit(
          new TransitionAbandoned(
              group.group(), open.id(), "it waits; " + by + " ordered another failover"));
    }
    SteadyRules.start(
        draft,
        draft.group(group.group()),
        sure ? TransitionKind.FAILOVER : TransitionKind.FORCED_FAILOVER,
        false,
        sure ? group.quorum() : present(group),
        "ordered by " + by,
        List.of());
  }

  private void switchOver(GroupTopology group, String to) {
    Optional<String> hindrance =
        late ? Optional.of(TOO_LATE) : SwitchoverRules.hindrance(draft, group, to);
    if (hindrance.isPresent()) {
      refuse(hindrance.get());
    } else {
      SwitchoverRules.start(draft, group, to, "ordered by " + by);
    }
  }

  /** Why no failover can be begun now, whatever is accepted. */
  private Optional<String> hindrance(GroupTopology group, boolean acceptDataLoss) {
    if (late) {
      return Optional.of(TOO_LATE);
    }
    if (group.primary() == null) {
      return Optional.of("the group never had a primary");
    }
    Transition open = group.transition();
    boolean stuck = open != null && open.step() instanceof Sealing && acceptDataLoss;
    if (open != null && !stuck) {
      return Optional.of("the transition " + open.id() + " is open");
    }
    if (draft.view(group.primary()).map(MemberView::upWritable).orElse(false)) {
      return Optional.of(group.primary() + " serves: there is nothing to replace");
    }
    return present(group).isEmpty()
        ? Optional.of("no standby answers that could be promoted (one in maintenance is not)")
        : Optional.empty();
  }

  private static List<String> names(List<MemberAddress> members) {
    return members.stream().map(MemberAddress::name).toList();
  }

  private List<String> present(GroupTopology group) {
    return names(group.standbys()).stream()
        .filter(standby -> isStandby(standby) && !group.inMaintenance(standby))
        .toList();
  }

  /** Those without which nobody can tell that nothing is lost. */
  private List<String> unusable(GroupTopology group) {
    return group.quorum().stream()
        .filter(standby -> !isStandby(standby) || hasAnotherHistory(group, standby))
        .toList();
  }

  private boolean hasAnotherHistory(GroupTopology group, String standby) {
    boolean seen =
        draft.view(standby).filter(view -> SteadyRules.diverged(group, view)).isPresent();
    boolean found =
        group.transition() != null
            && group.transition().step() instanceof Sealing sealing
            && sealing.sealed().containsKey(standby)
            && !sealing.sealed().get(standby).timeline().equals(group.timeline());
    return seen || found;
  }

  private boolean isStandby(String member) {
    return draft.view(member).map(MemberView::upInRecovery).orElse(false);
  }

  private void refuse(String reason) {
    draft.emit(new CommandRefused(command.group(), command.wireName(), by, reason));
  }
}
