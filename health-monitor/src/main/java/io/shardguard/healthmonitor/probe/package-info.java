/** The probes: what touches PostgreSQL. */
package io.shardguard.healthmonitor.probe;
