package io.shardguard.failover.explain;

import io.shardguard.events.Lsn;

/** Which commits a forced failover may have lost, in words. */
public final class LossText {

  private LossText() {}

  /**
   * The range.
   *
   * @param from up to here nothing is lost
   * @param to how far the old primary was seen to have written; null if it was not
   */
  public static String range(Lsn from, Lsn to) {
    return to != null && to.compareTo(from) > 0
        ? "acknowledged commits from " + from + " to " + to
        : "acknowledged commits after " + from + ", if there were any,";
  }
}
