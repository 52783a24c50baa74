package io.shardguard.cli.drill.nemesis;

/**
 * An amount that goes from one account to another.
 *
 * @param id from 1, never used twice in a run
 */
record Transfer(long id, int from, int to, long amount) {}
