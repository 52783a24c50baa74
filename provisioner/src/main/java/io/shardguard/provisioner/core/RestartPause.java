package io.shardguard.provisioner.core;

import java.time.Duration;

/** How long a member that ended stays down before it is started again. */
public final class RestartPause {

  /** A member that lived less than this ended soon. */
  public static final Duration SOON = Duration.ofSeconds(10);

  private static final Duration FIRST = Duration.ofMillis(500);
  private static final Duration LONGEST = Duration.ofSeconds(30);

  /**
   * A primary with an eligible standby is left down for as long as a failover takes: started before
   * it, it would only be ended again as the old primary.
   */
  private static final Duration FOR_FAILOVER = Duration.ofSeconds(3);

  private RestartPause() {}

  /**
   * The pause from the end to the next start.
   *
   * @param quickExits how often in a row it ended soon after its start
   * @param replaceable it is the primary and a standby is eligible to take over
   */
  public static Duration after(int quickExits, boolean replaceable) {
    Duration growing = FIRST.multipliedBy(1L << Math.min(quickExits, 10));
    Duration pause = quickExits == 0 ? Duration.ZERO : shorter(growing, LONGEST);
    return replaceable && pause.compareTo(FOR_FAILOVER) < 0 ? FOR_FAILOVER : pause;
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}
