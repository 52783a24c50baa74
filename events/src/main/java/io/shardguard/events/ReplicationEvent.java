package io.shardguard.events;

import java.util.List;

/** Who may be promoted, decided by failover-coordinator outside of transitions. */
public sealed interface ReplicationEvent extends Event {

  /**
   * The primary is about to wait for this standby: intent, committed before the setting is touched.
   */
  @WireName("io.shardguard.attach-started.v1")
  record AttachStarted(int group, String standby, String primary)
      implements ReplicationEvent, GroupEvent {}

  /**
   * The strict setting was set, reloaded and shown, and a CHECKPOINT returned after it.
   *
   * @param lsn the primary's flush LSN read after that: the standby is eligible once it has flushed
   *     this
   */
  @WireName("io.shardguard.synchronous-armed.v1")
  record SynchronousArmed(int group, String standby, String primary, Lsn lsn, long millis)
      implements ReplicationEvent, GroupEvent {}

  /** The standby is eligible: it surely holds every acknowledged commit. */
  @WireName("io.shardguard.standby-attached.v1")
  record StandbyAttached(int group, String standby, String primary, Lsn flushLsn)
      implements ReplicationEvent, GroupEvent {}

  /** The standby is eligible no more: committed before the primary's setting is relaxed. */
  @WireName("io.shardguard.standby-detached.v1")
  record StandbyDetached(int group, String standby, String primary, List<String> evidence)
      implements ReplicationEvent, GroupEvent {}

  /** The primary's setting was relaxed: it waits for nobody. */
  @WireName("io.shardguard.synchronous-relaxed.v1")
  record SynchronousRelaxed(int group, String primary, long millis)
      implements ReplicationEvent, GroupEvent {}

  /**
   * A writable member that is not the topology's primary: the provisioner ends it and has it
   * rejoin.
   */
  @WireName("io.shardguard.rogue-found.v1")
  record RogueFound(int group, String member, String primary, Timeline timeline, Lsn lsn)
      implements ReplicationEvent, GroupEvent {}

  /**
   * The group needs a primary and cannot get one automatically.
   *
   * @param seen what was seen when it was refused
   */
  @WireName("io.shardguard.failover-refused.v1")
  record FailoverRefused(int group, Refusal refusal, String reason, List<String> seen)
      implements ReplicationEvent, GroupEvent {}

  /** Why a group gets no primary. */
  enum Refusal {
    NO_ELIGIBLE_STANDBY,
    ELIGIBLE_STANDBY_AWAY
  }
}
