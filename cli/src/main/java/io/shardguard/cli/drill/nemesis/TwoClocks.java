package io.shardguard.cli.drill.nemesis;

import java.time.Instant;

/**
 * Turns moments of {@link System#nanoTime} into times of day.
 *
 * @param at a time of day
 * @param nanos the same moment
 */
record TwoClocks(Instant at, long nanos) {

  static TwoClocks now() {
    return new TwoClocks(Instant.now(), System.nanoTime());
  }

  Instant time(long moment) {
    return at.plusNanos(moment - nanos);
  }
}
