/**
 * The health monitor: looks at every member, says what it sees, never acts. Begin at {@code
 * MonitorLoop.look}.
 */
package io.shardguard.healthmonitor;
