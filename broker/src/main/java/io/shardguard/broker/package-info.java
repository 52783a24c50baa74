/**
 * Apache Kafka as one process of its own: formats its directory, makes the contract's topics, and
 * stops cleanly.
 */
package io.shardguard.broker;
