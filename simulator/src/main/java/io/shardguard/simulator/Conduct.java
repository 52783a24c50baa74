package io.shardguard.simulator;

import io.shardguard.failover.core.ClusterState;
import io.shardguard.failover.core.Decision;
import io.shardguard.failover.core.DecisionCore;
import io.shardguard.failover.core.Input;
import java.time.Instant;
import java.util.Set;

/**
 * How the services behave: as they should, or with one rule off.
 *
 * @param brain decides; around the real core
 * @param dropped the habits that the shells have given up
 */
public record Conduct(Brain brain, Set<Habit> dropped) {

  /** The product as it is. */
  public static final Conduct GOOD = new Conduct(DecisionCore::decide, Set.of());

  /** What stands between the shell and the core. */
  public interface Brain {
    /** What follows from an input. */
    Decision decide(DecisionCore core, ClusterState state, Input input, Instant now);
  }

  /** The product without one habit. */
  public static Conduct without(Habit... habits) {
    return new Conduct(DecisionCore::decide, Set.of(habits));
  }

  boolean lacks(Habit habit) {
    return !dropped.isEmpty() && dropped.contains(habit);
  }
}
