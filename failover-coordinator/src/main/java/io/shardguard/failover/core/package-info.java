/**
 * The decision core: what is decided when something is seen. Pure: no I/O, clock, thread, chance or
 * log.
 *
 * <p>{@link io.shardguard.failover.core.DecisionCore#decide} is the way in; {@link
 * io.shardguard.failover.core.Evolution#evolve} is the only code that makes a new state.
 */
package io.shardguard.failover.core;
