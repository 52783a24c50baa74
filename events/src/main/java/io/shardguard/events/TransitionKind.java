package io.shardguard.events;

/** Why a group gets a primary. */
public enum TransitionKind {
  /** The group never had one: the member that was made anew becomes it. */
  FORMATION,
  /** The primary restarted (always as a standby) and takes up its role again. */
  RESUMPTION,
  /** The primary is down: an eligible standby takes over. */
  FAILOVER,
  /**
   * An operator gave up what only members have that are away: the standby with the most WAL takes
   * over.
   */
  FORCED_FAILOVER,
  /** An operator ordered it: a standby takes over from a primary that serves. */
  SWITCHOVER;

  /** The old primary is given up from the beginning, so the runtime must end it. */
  public boolean replacesPrimary() {
    return this == FAILOVER || this == FORCED_FAILOVER;
  }
}
