package io.shardguard.failover.core;

import io.shardguard.events.Event;
import java.util.List;

/**
 * What follows from an input.
 *
 * @param state the state after the input and the events
 * @param events new facts, in order: made durable first, before anything is done
 * @param actions what to do then
 */
public record Decision(ClusterState state, List<Event> events, List<Action> actions) {}
