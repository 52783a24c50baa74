package io.shardguard.healthmonitor.core;

import io.shardguard.events.MonitorEvent;
import io.shardguard.events.Observation;
import java.util.List;
import java.util.Set;

/**
 * What one look brought.
 *
 * @param next the watch from here on
 * @param events what became true with this look, in order
 * @param observation the view of every member
 * @param changed the observation says something new: others should hear of it at once
 * @param ask members whose status is wanted at once, as witnesses
 */
public record Findings(
    Watch next,
    List<MonitorEvent> events,
    Observation observation,
    boolean changed,
    Set<String> ask) {}
