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
   * @param standby the one that is being attached or detached
   * @param standbys the primary's commits wait for one of these
   * @param lsn the primary's flush LSN read after that: what is acknowledged from here on is on one
   *     of {@code standbys}, and so is everything before, once one of them has flushed this
   */
  @WireName("io.shardguard.synchronous-armed.v1")
  record SynchronousArmed(
      int group, String standby, List<String> standbys, String primary, Lsn lsn, long millis)
      implements ReplicationEvent, GroupEvent {}

  /** The standby is eligible: it surely holds every acknowledged commit. */
  @WireName("io.shardguard.standby-attached.v1")
  record StandbyAttached(int group, String standby, String primary, Lsn flushLsn)
      implements ReplicationEvent, GroupEvent {}

  /**
   * A standby shall be eligible no more while others stay so: the primary is made to wait for one
   * of the others first. Until {@link StandbyDetached} a failover needs this one sealed, too.
   */
  @WireName("io.shardguard.detach-started.v1")
  record DetachStarted(int group, String standby, String primary, List<String> evidence)
      implements ReplicationEvent, GroupEvent {}

  /**
   * The standby is eligible no more. If it was the last one: committed before the primary's setting
   * is relaxed.
   */
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
   * A member refuses an old primary: its address is rejected in pg_hba.conf, its sessions are
   * ended.
   *
   * @param group the old primary's
   * @param member the old primary
   * @param by who refuses it
   */
  @WireName("io.shardguard.member-barred.v1")
  record MemberBarred(int group, String member, String by, long millis)
      implements ReplicationEvent, GroupEvent {}

  /** The old primary's end is a fact by now: all that refuse it shall admit it again. */
  @WireName("io.shardguard.barring-ended.v1")
  record BarringEnded(int group, String member, String evidence)
      implements ReplicationEvent, GroupEvent {}

  /** A member refuses the former old primary no more. */
  @WireName("io.shardguard.member-admitted.v1")
  record MemberAdmitted(int group, String member, String by, long millis)
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
    /** No standby surely holds every acknowledged commit. */
    NO_ELIGIBLE_STANDBY,
    /** Each acknowledged commit is on one of the eligible standbys, and one of them is away. */
    ELIGIBLE_STANDBY_AWAY,
    /** An eligible standby was made writable behind our back, or has another history. */
    ELIGIBLE_STANDBY_DIVERGED,
    /** An operator paused automatic failovers of the group. */
    PAUSED,
    /** The primary is in maintenance. */
    MAINTENANCE,
    /** Too many automatic failovers of the group in a short time. */
    FLAPPING,
    /** Some observers say that the primary is down, but not most. */
    NO_MAJORITY
  }
}
