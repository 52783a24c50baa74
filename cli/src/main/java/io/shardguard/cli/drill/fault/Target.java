package io.shardguard.cli.drill.fault;

import java.util.Locale;

/**
 * Which member a fault is meant for, by what it is when the fault comes.
 *
 * @param group Citus' group id: 0 is the coordinator
 */
public record Target(Role role, int group) {

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
    return role.name().toLowerCase(Locale.ROOT) + " of group " + group;
  }
}
