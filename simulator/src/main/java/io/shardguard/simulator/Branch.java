package io.shardguard.simulator;

import io.shardguard.events.Lsn;
import io.shardguard.events.Timeline;
import java.util.HashMap;
import java.util.Map;

/**
 * One timeline of WAL as it really is: two of the same number are two branches.
 *
 * @param number PostgreSQL's timeline id
 * @param parent the branch that it left; null for the first
 * @param fork where it left it, in bytes
 * @param transition the transition that promoted it; null if nobody decided that
 */
record Branch(int number, Branch parent, long fork, String transition, int id) {

  /**
   * Whether WAL that ends at {@code end} of {@code mine} has what {@code other} had at {@code lsn}.
   */
  static boolean holds(Branch mine, long end, Branch other, long lsn) {
    long reach = end;
    for (Branch at = mine; at != null; at = at.parent) {
      if (at == other) {
        return reach >= lsn;
      }
      reach = Math.min(reach, at.fork);
    }
    return false;
  }

  /** The branch that the byte before {@code end} is on. */
  Branch at(long end) {
    Branch at = this;
    while (at.parent != null && end <= at.fork) {
      at = at.parent;
    }
    return at;
  }

  /** The ancestor, or this, with that number; null if there is none. */
  Branch numbered(int wanted) {
    for (Branch at = this; at != null; at = at.parent) {
      if (at.number == wanted) {
        return at;
      }
    }
    return null;
  }

  /** Where this branch's own path leaves an ancestor; {@link Long#MAX_VALUE} for itself. */
  long leaves(Branch ancestor) {
    long reach = Long.MAX_VALUE;
    for (Branch at = this; at != null; at = at.parent) {
      if (at == ancestor) {
        return reach;
      }
      reach = Math.min(reach, at.fork);
    }
    return -1;
  }

  /** The last position that two branches have in common, in bytes. */
  static long common(Branch one, long end, Branch other) {
    long reach = end;
    for (Branch at = one; at != null; at = at.parent) {
      long left = other.leaves(at);
      if (left >= 0) {
        return Math.min(reach, left);
      }
      reach = Math.min(reach, at.fork);
    }
    return 0;
  }

  /** The history file. */
  Map<Timeline, Lsn> forks() {
    Map<Timeline, Lsn> forks = new HashMap<>();
    for (Branch at = this; at.parent != null; at = at.parent) {
      forks.put(new Timeline(at.parent.number), new Lsn(at.fork));
    }
    return forks;
  }

  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return id;
  }
}
