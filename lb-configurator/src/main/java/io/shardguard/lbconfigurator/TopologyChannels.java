package io.shardguard.lbconfigurator;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.shardguard.events.Envelope;
import io.shardguard.events.Event;
import io.shardguard.events.EventCodec;
import io.shardguard.events.EventCodec.UnreadableException;
import io.shardguard.events.GroupTopology;
import io.shardguard.events.ProvisionerEvent.ClusterDeclared;
import io.smallrye.reactive.messaging.kafka.api.IncomingKafkaRecordMetadata;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.eclipse.microprofile.reactive.messaging.Message;

/**
 * Keeps the view up to date from Kafka. What cannot be read goes to the dlq; an unknown type is
 * counted and passed over.
 */
@ApplicationScoped
class TopologyChannels {

  private final EventCodec codec = new EventCodec();
  private final TopologyView view;
  private final String cluster;
  private final Counter unknown;

  @Inject
  TopologyChannels(TopologyView view, LbConfig config, MeterRegistry metrics) {
    this.view = view;
    this.cluster = config.cluster();
    this.unknown = metrics.counter("shardguard.events.unknown");
  }

  @Incoming("topology")
  CompletionStage<Void> topology(Message<byte[]> message) {
    try {
      if (message.getPayload() == null) {
        forget(message);
      } else {
        GroupTopology state = codec.readTopology(message.getPayload());
        if (cluster.equals(state.cluster())) {
          view.put(state.group(), state);
        }
      }
      return message.ack();
    } catch (UnreadableException e) {
      return message.nack(e);
    }
  }

  @Incoming("declarations")
  CompletionStage<Void> event(Message<byte[]> message) {
    try {
      Optional<Envelope<Event>> event = codec.readEvent(message.getPayload());
      if (event.isEmpty()) {
        unknown.increment();
      } else if (event.get().cluster().equals(cluster)
          && event.get().data() instanceof ClusterDeclared declared) {
        view.declare(event.get().id(), declared.engine());
      }
      return message.ack();
    } catch (UnreadableException e) {
      return message.nack(e);
    }
  }

  /** A tombstone: its group was taken out of the cluster. */
  private void forget(Message<byte[]> tombstone) {
    Object key =
        tombstone
            .getMetadata(IncomingKafkaRecordMetadata.class)
            .map(IncomingKafkaRecordMetadata::getKey)
            .orElse("");
    String prefix = cluster + "/";
    String group =
        key.toString().startsWith(prefix) ? key.toString().substring(prefix.length()) : "";
    if (group.matches("\\d{1,6}")) {
      view.put(Integer.parseInt(group), null);
    }
  }
}
