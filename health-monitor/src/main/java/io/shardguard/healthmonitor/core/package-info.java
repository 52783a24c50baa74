/**
 * Probe results in, verdicts out: no I/O, clock, thread, chance or log. Begin at {@link
 * io.shardguard.healthmonitor.core.Watch#look}; the rules of evidence are in {@code Judge}.
 */
package io.shardguard.healthmonitor.core;
