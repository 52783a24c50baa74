package io.shardguard.provisioner.cluster;

import io.micrometer.core.instrument.MeterRegistry;
import io.shardguard.events.Envelope;
import io.shardguard.events.Event;
import io.shardguard.events.EventCodec;
import io.shardguard.events.EventCodec.UnreadableException;
import io.shardguard.events.GroupTopology;
import io.smallrye.reactive.messaging.kafka.api.IncomingKafkaRecordMetadata;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.eclipse.microprofile.reactive.messaging.Message;

/** Brings the cluster's events and topology from Kafka; never blocks. */
@ApplicationScoped
public class LogFeed {

  private final EventCodec codec = new EventCodec();
  private final ProvisionerConfig config;
  private final KnownTopology topology;
  private final Keeper keeper;
  private final MeterRegistry metrics;

  @Inject
  LogFeed(ProvisionerConfig config, KnownTopology topology, Keeper keeper, MeterRegistry metrics) {
    this.config = config;
    this.topology = topology;
    this.keeper = keeper;
    this.metrics = metrics;
  }

  @Incoming("events-in")
  CompletionStage<Void> event(Message<byte[]> message) {
    try {
      Optional<Envelope<Event>> event = codec.readEvent(message.getPayload());
      if (event.isEmpty()) {
        metrics.counter("shardguard.unknown.events").increment();
      }
      event
          .filter(e -> e.cluster().equals(config.cluster()))
          .ifPresent(e -> keeper.heard(e.data(), e.time()));
      return message.ack();
    } catch (UnreadableException e) {
      return message.nack(e);
    }
  }

  @Incoming("topology")
  CompletionStage<Void> topology(Message<byte[]> message) {
    try {
      // A removed record comes without a payload: it says nothing of what was decided.
      if (message.getPayload() != null) {
        IncomingKafkaRecordMetadata<?, ?> place = place(message);
        GroupTopology group =
            codec.readTopology(String.valueOf(place.getKey()), message.getPayload());
        if (group.cluster().equals(config.cluster())) {
          topology.learn(group, place.getOffset(), place.getTimestamp());
        }
      }
      return message.ack();
    } catch (UnreadableException e) {
      return message.nack(e);
    }
  }

  private static IncomingKafkaRecordMetadata<?, ?> place(Message<byte[]> message) {
    return message
        .getMetadata(IncomingKafkaRecordMetadata.class)
        .orElseThrow(() -> new IllegalStateException("a record without its place in the log"));
  }
}
