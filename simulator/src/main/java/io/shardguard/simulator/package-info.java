/**
 * The whole control plane on a virtual clock: the real cores of all four services, with simulated
 * shells, network, Kafka, PostgreSQL, HAProxy and clients. One seed decides everything. Begin at
 * {@link io.shardguard.simulator.Schedule} and {@link io.shardguard.simulator.World}.
 */
package io.shardguard.simulator;
