package io.shardguard.lbconfigurator.core;

import io.shardguard.events.Epoch;
import io.shardguard.events.GroupTopology;
import io.shardguard.events.GroupTopology.Step;
import io.shardguard.events.MemberAddress;
import io.shardguard.events.Timeline;
import io.shardguard.events.TransitionKind;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Topologies for tests. */
public final class Groups {

  private static final Epoch EPOCH = new Epoch(1);

  private Groups() {}

  /** A quiet group; its standbys are eligible. */
  public static GroupTopology quiet(int group, String primary, MemberAddress... members) {
    Set<String> eligible =
        List.of(members).stream()
            .map(MemberAddress::name)
            .filter(name -> !name.equals(primary))
            .collect(Collectors.toSet());
    return GroupTopology.steady(
        "fleet", group, List.of(members), EPOCH, new Timeline(1), primary, Instant.EPOCH, eligible);
  }

  /** The same group in a failover at this step. */
  public static GroupTopology failingOver(GroupTopology group, Step step) {
    var transition =
        new GroupTopology.Transition(
            "t-1", TransitionKind.FAILOVER, EPOCH, group.primary(), false, Instant.EPOCH, step);
    return new GroupTopology(
        group.cluster(),
        group.group(),
        group.members(),
        EPOCH,
        new Timeline(1),
        group.primary(),
        Instant.EPOCH,
        group.eligible(),
        null,
        transition,
        null,
        null,
        null,
        null,
        List.of(),
        null,
        null);
  }

  /** The same group without eligible standbys. */
  public static GroupTopology degraded(GroupTopology group) {
    return GroupTopology.steady(
        group.cluster(),
        group.group(),
        group.members(),
        EPOCH,
        new Timeline(1),
        group.primary(),
        Instant.EPOCH,
        Set.of());
  }

  /** A member on a loopback address. */
  public static MemberAddress member(String name, int port) {
    return new MemberAddress(name, "127.0.0.1", port);
  }
}
