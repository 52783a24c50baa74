package io.shardguard.cli.view;

import io.shardguard.cli.view.ClusterStatus.GroupStatus;
import io.shardguard.events.GroupTopology.Loss;
import io.shardguard.failover.explain.LossText;
import java.util.ArrayList;
import java.util.List;

/** What an operator should know of a group beside what is wrong: standing orders, a loss. */
final class GroupNotes {

  private GroupNotes() {}

  static List<String> of(GroupStatus group) {
    List<String> notes = new ArrayList<>();
    if (group.paused() != null) {
      notes.add(
          "automatic failovers are paused since "
              + group.paused().since()
              + ", by "
              + group.paused().by());
    }
    group.maintenance().forEach(member -> notes.add(member + " is in maintenance"));
    if (group.attaching() != null) {
      notes.add(group.attaching() + " is becoming eligible");
    }
    if (group.detaching() != null) {
      notes.add(group.detaching() + " is ceasing to be eligible");
    }
    if (group.quorum().size() > 1) {
      notes.add(
          "a commit waits for any one of "
              + String.join(", ", group.quorum())
              + "; a failover needs all of them");
    }
    if (group.barred() != null) {
      notes.add(
          "the other members refuse "
              + group.barred().member()
              + (group.barred().ended()
                  ? " and are about to admit it again: its end is a fact"
                  : ": nobody can tell that it has ended"));
    }
    if (group.loss() != null) {
      notes.add(loss(group.loss()));
    }
    return notes.stream().map(note -> "group " + group.group() + ": " + note).toList();
  }

  private static String loss(Loss loss) {
    return "the forced failover of "
        + loss.at()
        + " may have lost "
        + LossText.range(loss.from(), loss.to())
        + " that "
        + loss.oldPrimary()
        + " had ("
        + loss.transition()
        + ")";
  }
}
