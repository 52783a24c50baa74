package io.shardguard.events;

/** What an operator's {@link Command} came to, decided by failover-coordinator. */
public sealed interface OperatorEvent extends Event {

  /**
   * The group is not failed over automatically until {@link FailoversResumed}.
   *
   * @param by who asked for it: the command's source
   */
  @WireName("io.shardguard.failovers-paused.v1")
  record FailoversPaused(int group, String by) implements OperatorEvent, GroupEvent {}

  /** The group is failed over automatically again. */
  @WireName("io.shardguard.failovers-resumed.v1")
  record FailoversResumed(int group, String by) implements OperatorEvent, GroupEvent {}

  /**
   * The member is not counted on until {@link MaintenanceEnded}: a standby is detached and not
   * promoted, a primary is not replaced, and it is not started again if it ends.
   */
  @WireName("io.shardguard.maintenance-started.v1")
  record MaintenanceStarted(int group, String member, String by)
      implements OperatorEvent, GroupEvent {}

  /** The member is counted on again. */
  @WireName("io.shardguard.maintenance-ended.v1")
  record MaintenanceEnded(int group, String member, String by)
      implements OperatorEvent, GroupEvent {}

  /**
   * A command was not carried out, and changed nothing.
   *
   * @param group as the command had it, whether there is such a group or not
   * @param command the command's wire name
   * @param reason why, and what would help
   */
  @WireName("io.shardguard.command-refused.v1")
  record CommandRefused(int group, String command, String by, String reason)
      implements OperatorEvent, GroupEvent {}
}
