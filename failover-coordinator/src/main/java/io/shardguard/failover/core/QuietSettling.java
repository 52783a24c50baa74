package io.shardguard.failover.core;

import io.shardguard.events.Lsn;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/**
 * The settling of two-phase commits when nothing is wrong. Citus' own daemon must not do it (design
 * I6): it would forget a commit that only a primary has which crashes right after. So it is done
 * here, and only once every group's standby has flushed what its primary had flushed before.
 *
 * @param last when it was done last
 * @param marks each group's primary as it was when the round began; empty between rounds
 */
record QuietSettling(Instant last, Map<Integer, Mark> marks) {

  /** How often. Citus' own default is the same. */
  static final Duration EVERY = Duration.ofMinutes(1);

  static final QuietSettling NEVER = new QuietSettling(Instant.EPOCH, Map.of());

  /**
   * A primary at the beginning of a round: how far it had flushed, and which run of the server it
   * was.
   */
  record Mark(Lsn flushLsn, Instant postmasterStart) {}
}
