package io.shardguard.events;

import io.shardguard.events.GroupTopology.Attach;
import io.shardguard.events.GroupTopology.Barred;
import io.shardguard.events.GroupTopology.Detach;
import io.shardguard.events.GroupTopology.Fencing;
import io.shardguard.events.GroupTopology.Loss;
import io.shardguard.events.GroupTopology.Orders;
import io.shardguard.events.GroupTopology.Promoting;
import io.shardguard.events.GroupTopology.Sealing;
import io.shardguard.events.GroupTopology.SettlingTwoPhase;
import io.shardguard.events.GroupTopology.Step;
import io.shardguard.events.GroupTopology.SyncingMetadata;
import io.shardguard.events.GroupTopology.Transition;
import io.shardguard.events.GroupTopology.UpdatingMetadata;
import io.shardguard.events.GroupTopology.WalEnd;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Whether a group's state has all that its readers rely on: what a torn record lacks is null after
 * reading, and would end whoever looks at it.
 */
final class TopologyCheck {

  private TopologyCheck() {}

  /** What is missing, in words; empty if nothing is. */
  static Optional<String> lacking(GroupTopology group) {
    if (lack(group.cluster(), group.epoch())
        || lack(group.members())
        || lack(group.eligible())
        || lack(group.failovers())) {
      return Optional.of("cluster, members, epoch or eligible");
    }
    if (group.members().stream().anyMatch(m -> lack(m.name(), m.host()))) {
      return Optional.of("a member's name or host");
    }
    if (group.primary() != null && lack(group.timeline(), group.since())) {
      return Optional.of("the primary's timeline or since");
    }
    return lacking(group.transition())
        .or(() -> lacking(group.attach(), group.detach()))
        .or(() -> lacking(group.orders()))
        .or(() -> lacking(group.loss()))
        .or(() -> lacking(group.barred()));
  }

  private static Optional<String> lacking(Transition transition) {
    return transition != null
            && (lack(
                    transition.id(),
                    transition.kind(),
                    transition.epoch(),
                    transition.startedAt(),
                    transition.step())
                || lacksSomething(transition.step()))
        ? Optional.of("a part of the transition")
        : Optional.empty();
  }

  private static boolean lacksSomething(Step step) {
    return switch (step) {
      case Sealing s -> lack(s.toSeal()) || lack(s.sealed());
      case Promoting s -> s.candidate() == null;
      case Fencing s -> false;
      case UpdatingMetadata s -> lack(s.pending()) || lack(s.told());
      case SettlingTwoPhase s -> lack(s.pending());
      case SyncingMetadata s -> lack(s.pending()) || lack(s.since());
    };
  }

  private static Optional<String> lacking(Attach attach, Detach detach) {
    boolean lacks =
        (attach != null && attach.standby() == null)
            || (detach != null && detach.standby() == null);
    return lacks ? Optional.of("the standby that is attached or detached") : Optional.empty();
  }

  private static Optional<String> lacking(Orders orders) {
    return orders != null
            && orders.pause() != null
            && lack(orders.pause().since(), orders.pause().by())
        ? Optional.of("since when failovers are paused, or by whom")
        : Optional.empty();
  }

  private static Optional<String> lacking(Loss loss) {
    return loss != null && lack(loss.transition(), loss.oldPrimary(), loss.from(), loss.at())
        ? Optional.of("a part of the loss")
        : Optional.empty();
  }

  private static Optional<String> lacking(Barred barred) {
    return barred != null && barred.member() == null
        ? Optional.of("the member that is barred")
        : Optional.empty();
  }

  private static boolean lack(Object... parts) {
    return Arrays.stream(parts).anyMatch(Objects::isNull);
  }

  private static boolean lack(Collection<?> collection) {
    return collection == null || collection.stream().anyMatch(Objects::isNull);
  }

  private static boolean lack(Map<String, WalEnd> sealed) {
    return sealed == null
        || sealed.values().stream().anyMatch(end -> end == null || lack(end.timeline(), end.lsn()));
  }
}
