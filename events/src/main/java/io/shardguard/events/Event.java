package io.shardguard.events;

import java.util.OptionalInt;

/**
 * A fact in the past tense. The JSON form has the record's components; the wire name ({@link
 * WireName}) outlives the class's name. Readers ignore unknown fields.
 */
public sealed interface Event
    permits ProvisionerEvent,
        MonitorEvent,
        TransitionEvent,
        ReplicationEvent,
        OperatorEvent,
        LoadBalancerEvent {

  /** The group that the event is about; empty if it is about the whole cluster. */
  default OptionalInt aboutGroup() {
    return this instanceof GroupEvent event ? OptionalInt.of(event.group()) : OptionalInt.empty();
  }
}
