package io.shardguard.provisioner;

import io.shardguard.events.Epoch;
import io.shardguard.events.GroupTopology;
import io.shardguard.events.GroupTopology.Loss;
import io.shardguard.events.GroupTopology.Orders;
import io.shardguard.events.GroupTopology.Promoting;
import io.shardguard.events.GroupTopology.Sealing;
import io.shardguard.events.GroupTopology.Step;
import io.shardguard.events.GroupTopology.Transition;
import io.shardguard.events.Lsn;
import io.shardguard.events.MemberAddress;
import io.shardguard.events.Timeline;
import io.shardguard.events.TransitionKind;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** States of the group 1 as failover-coordinator would decide them. */
public record TestTopology(
    List<MemberAddress> members,
    long epoch,
    String primary,
    Set<String> eligible,
    Transition transition,
    Set<String> maintenance,
    Loss loss) {

  /** A group with this primary, and nobody eligible. */
  public static TestTopology led(List<MemberAddress> members, long epoch, String primary) {
    return new TestTopology(members, epoch, primary, Set.of(), null, Set.of(), null);
  }

  /** The same with eligible standbys. */
  public TestTopology eligible(String... standbys) {
    return new TestTopology(
        members, epoch, primary, Set.of(standbys), transition, maintenance, loss);
  }

  /** The same while members are sealed, in order to replace the primary. */
  public TestTopology sealing(String id, String... toSeal) {
    return failingOver(id, false, new Sealing(Set.of(toSeal), Map.of()));
  }

  /** The same while this member is promoted. */
  public TestTopology promoting(String id, String candidate) {
    return failingOver(id, true, new Promoting(candidate));
  }

  private TestTopology failingOver(String id, boolean ended, Step step) {
    Transition open =
        new Transition(
            id, TransitionKind.FAILOVER, new Epoch(epoch + 1), primary, ended, Instant.EPOCH, step);
    return new TestTopology(members, epoch, primary, eligible, open, maintenance, loss);
  }

  /** The same with a member in maintenance. */
  public TestTopology inMaintenance(String member) {
    return new TestTopology(members, epoch, primary, eligible, transition, Set.of(member), loss);
  }

  /** The same after a forced failover. */
  public TestTopology withLoss(String transition, String oldPrimary) {
    return new TestTopology(
        members,
        epoch,
        primary,
        eligible,
        this.transition,
        maintenance,
        new Loss(transition, oldPrimary, Lsn.parse("0/1"), null, Instant.EPOCH));
  }

  /** The record of the topology topic. */
  public GroupTopology record() {
    return new GroupTopology(
        "tested",
        1,
        members,
        new Epoch(epoch),
        new Timeline(1),
        primary,
        Instant.EPOCH,
        eligible,
        null,
        transition,
        null,
        null,
        null,
        new Orders(null, maintenance),
        List.of(),
        loss,
        null);
  }
}
