package io.shardguard.cli.drill;

import java.util.List;

/**
 * A time without an acknowledged write.
 *
 * @param fromNanos of the last one before it, by the clock of {@link System#nanoTime}
 * @param toNanos of the first one after it
 */
public record Gap(long fromNanos, long toNanos) {

  /** No gap at all. */
  public static final Gap NONE = new Gap(0, 0);

  public long millis() {
    return Math.round((toNanos - fromNanos) / 1e6);
  }

  /**
   * The longest time without an acknowledged write between two moments, which both count as the end
   * of a gap.
   *
   * @param acknowledged when writes were acknowledged, in ascending order
   */
  public static Gap longest(List<Long> acknowledged, long fromNanos, long toNanos) {
    Gap longest = NONE;
    long last = fromNanos;
    for (long moment : acknowledged) {
      if (moment > fromNanos && moment <= toNanos) {
        longest = longer(longest, new Gap(last, moment));
        last = moment;
      }
    }
    return longer(longest, new Gap(last, toNanos));
  }

  private static Gap longer(Gap a, Gap b) {
    return b.toNanos - b.fromNanos > a.toNanos - a.fromNanos ? b : a;
  }
}
