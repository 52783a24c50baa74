package io.shardguard.events;

/** Why a group gets a primary. */
public enum TransitionKind {
  /** The group never had one: the member that was made anew becomes it. */
  FORMATION,
  /** The primary restarted (always as a standby) and takes up its role again. */
  RESUMPTION,
  /** The primary is down: an eligible standby takes over. */
  FAILOVER
}
