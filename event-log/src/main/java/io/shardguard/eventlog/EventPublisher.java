package io.shardguard.eventlog;

import io.shardguard.events.Envelope;
import io.shardguard.events.Event;
import io.shardguard.events.EventCodec;
import io.smallrye.mutiny.Uni;
import io.smallrye.reactive.messaging.MutinyEmitter;
import io.smallrye.reactive.messaging.kafka.api.OutgoingKafkaRecordMetadata;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.reactive.messaging.Channel;
import org.eclipse.microprofile.reactive.messaging.Message;

/**
 * Publishes a service's events to {@link io.shardguard.events.Topics#EVENTS}, in the order of the
 * calls. The service configures the channel {@code events}; its application name is the events'
 * source.
 */
@ApplicationScoped
public class EventPublisher {

  private final EventCodec codec = new EventCodec();
  private final MutinyEmitter<byte[]> events;
  private final String cluster;
  private final String source;
  private final Clock clock = Clock.systemUTC();

  @Inject
  EventPublisher(
      @Channel("events") MutinyEmitter<byte[]> events,
      @ConfigProperty(name = "shardguard.cluster") String cluster,
      @ConfigProperty(name = "quarkus.application.name") String source) {
    this.events = events;
    this.cluster = cluster;
    this.source = source;
  }

  /** Publishes one event; the result completes when Kafka has it, or fails when Kafka gave up. */
  public Uni<Void> publish(Event event) {
    return publish(event, clock.instant());
  }

  /**
   * Publishes an event that may be older than its way to Kafka: both the envelope and the record
   * have its own time, so that nobody takes it for news when Kafka was away.
   *
   * @param at when it happened
   */
  public Uni<Void> publish(Event event, Instant at) {
    Envelope<Event> envelope =
        EventCodec.envelope(UUID.randomUUID().toString(), source, at, cluster, List.of(), event);
    return events.sendMessage(
        Message.of(codec.write(envelope))
            .addMetadata(
                OutgoingKafkaRecordMetadata.<String>builder()
                    .withKey(cluster)
                    .withTimestamp(at)
                    .build()));
  }
}
