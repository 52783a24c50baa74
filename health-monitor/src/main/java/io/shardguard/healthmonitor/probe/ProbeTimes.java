package io.shardguard.healthmonitor.probe;

import java.time.Duration;

/**
 * The times of one member's probe.
 *
 * @param timeout for a query's answer
 * @param connectInterval between separate new sessions, and after a rejected login
 * @param connectTimeout after which a pending attempt counts as no answer
 * @param giveUp after which a pending attempt is dropped; doubled while none succeeds
 * @param giveUpMax the most that {@code giveUp} grows to
 */
public record ProbeTimes(
    Duration timeout,
    Duration connectInterval,
    Duration connectTimeout,
    Duration giveUp,
    Duration giveUpMax) {}
