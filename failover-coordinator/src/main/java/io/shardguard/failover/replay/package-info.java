/**
 * What decisions rested on, written with them and read again: the recorded log is decided once more
 * by the core. Without I/O, clock, thread or chance, as the core itself.
 */
package io.shardguard.failover.replay;
