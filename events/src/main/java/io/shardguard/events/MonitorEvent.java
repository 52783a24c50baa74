package io.shardguard.events;

import java.util.List;

/** What health-monitor says it saw; each with its evidence in words. */
public sealed interface MonitorEvent extends Event {

  /**
   * The evidence says that the member is gone.
   *
   * @param observer the health-monitor instance that says so
   * @param diagnosis the class of the evidence
   * @param evidence what was seen, for people and for replay
   * @param silentMillis since the member last answered; negative if it never did
   */
  @WireName("io.shardguard.node-down.v1")
  record NodeDown(
      int group,
      String member,
      String observer,
      Diagnosis diagnosis,
      List<String> evidence,
      long silentMillis)
      implements MonitorEvent, GroupEvent {}

  /**
   * Observers get no answer from a member that a partner of its replication still hears: not gone,
   * or not yet.
   *
   * @param evidence what was seen, the witness' words among it
   * @param silentMillis since the member last answered; negative if it never did
   * @param downAfterMillis so long after its last answer it counts as down, if this goes on
   */
  @WireName("io.shardguard.node-unreachable.v1")
  record NodeUnreachable(
      int group,
      String member,
      String observer,
      List<String> evidence,
      long silentMillis,
      long downAfterMillis)
      implements MonitorEvent, GroupEvent {}

  /** The member answers (again). */
  @WireName("io.shardguard.node-up.v1")
  record NodeUp(int group, String member, String observer, boolean inRecovery)
      implements MonitorEvent, GroupEvent {}

  /** A standby that streamed from its primary does so no more. */
  @WireName("io.shardguard.replication-broken.v1")
  record ReplicationBroken(
      int group, String standby, String primary, String observer, List<String> evidence)
      implements MonitorEvent, GroupEvent {}

  /** A standby streams from its primary and has flushed what the primary had. */
  @WireName("io.shardguard.replication-caught-up.v1")
  record ReplicationCaughtUp(
      int group, String standby, String primary, String observer, Lsn flushLsn)
      implements MonitorEvent, GroupEvent {}

  /**
   * The observer lost most of the cluster at once, without witnesses: it takes itself for cut off.
   */
  @WireName("io.shardguard.observer-isolated.v1")
  record ObserverIsolated(String observer, List<String> lost) implements MonitorEvent {}
}
