/**
 * The recorded log in plain words. Without I/O, clock, thread or chance; for the command line and
 * this service alike.
 */
package io.shardguard.failover.explain;
