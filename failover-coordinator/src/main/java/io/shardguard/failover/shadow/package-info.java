/**
 * A shadow of failover-coordinator: decides from the live topics, writes to a topic of its own, and
 * never acts. It has nothing to act with: no session, no secret, no transactional producer.
 */
package io.shardguard.failover.shadow;
