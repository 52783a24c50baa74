/**
 * Real servers for tests: {@link io.shardguard.testkit.PostgresServer} and {@link
 * io.shardguard.testkit.KafkaServer}. Both live on loopback addresses, clean up after themselves,
 * and need no container.
 */
package io.shardguard.testkit;
