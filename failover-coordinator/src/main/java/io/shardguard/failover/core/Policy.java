package io.shardguard.failover.core;

import java.time.Duration;

/**
 * The bounds that decisions use. What is safe does not depend on them; what is worth it does.
 *
 * @param standbyStalledAfter a standby that flushes nothing for this long, with WAL waiting for it,
 *     is detached: commits wait for it
 * @param standbySilentAfter a standby whose walsender heard nothing for this long is detached;
 *     standbys send a message at least once a second (wal_receiver_status_interval)
 * @param failoversAtMost automatic failovers of a group in {@code failoversWithin}; more is
 *     flapping, and refused
 * @param failoversWithin see {@code failoversAtMost}; an hour at the most
 * @param barAfter if the old primary's end is no fact this long after the promotion, the other
 *     members are made to refuse it
 * @param syncWithin a transition waits this long for Citus to bring metadata to the workers
 */
public record Policy(
    Duration standbyStalledAfter,
    Duration standbySilentAfter,
    int failoversAtMost,
    Duration failoversWithin,
    Duration barAfter,
    Duration syncWithin) {

  /** Rejects what could not work. */
  public Policy {
    if (failoversAtMost < 1) {
      throw new IllegalArgumentException(
          "failovers-at-most is " + failoversAtMost + ": allow at least 1");
    }
    if (failoversWithin.compareTo(Evolution.FAILOVERS_KEPT) > 0) {
      throw new IllegalArgumentException(
          "failovers-within is " + failoversWithin + ": failovers are remembered for an hour");
    }
  }
}
