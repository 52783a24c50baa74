package io.shardguard.cli.drill.fault;

import java.util.Locale;

/**
 * Which member a fault is meant for, by what it is when the fault comes.
 *
 * @param group Citus' group id: 0 is the coordinator
 * @param which of the standbys, from 0, in the order of the declaration; where there are fewer it
 *     is counted round
 */
public record Target(Role role, int group, int which) {

  /** The primary, or the first standby. */
  public Target(Role role, int group) {
    this(role, group, 0);
  }

  /** What the member is in its group. */
  public enum Role {
    PRIMARY,
    STANDBY
  }

  /** Without the group's number: faults of one kind are counted together. */
  String kind() {
    return (group == 0 ? "coordinator" : "worker") + " " + role.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public String toString() {
    String standby = role == Role.STANDBY && which > 0 ? " " + (which + 1) : "";
    return role.name().toLowerCase(Locale.ROOT) + standby + " of group " + group;
  }
}
