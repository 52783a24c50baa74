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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.jboss.logging.Logger;

/**
 * Keeps the view up to date from Kafka. What cannot be read goes to the dlq, and leaves what was
 * known before; an unknown type is counted and passed over.
 */
@ApplicationScoped
class TopologyChannels {

  private static final Logger LOG = Logger.getLogger(TopologyChannels.class);

  private final EventCodec codec = new EventCodec();
  private final TopologyView view;
  private final String cluster;
  private final Counter unknown;
  private final Counter unreadable;

  @Inject
  TopologyChannels(TopologyView view, LbConfig config, MeterRegistry metrics) {
    this.view = view;
    this.cluster = config.cluster();
    this.unknown = metrics.counter("shardguard.events.unknown");
    this.unreadable = metrics.counter("shardguard.topology.unreadable");
  }

  @Incoming("topology")
  CompletionStage<Void> topology(Message<byte[]> message) {
    String key = key(message);
    try {
      if (message.getPayload() == null) {
        // A tombstone: its group was taken out of the cluster.
        group(key).ifPresent(group -> view.put(group, null));
      } else {
        GroupTopology state = codec.readTopology(key, message.getPayload());
        group(key).ifPresent(group -> view.put(group, state));
      }
      return message.ack();
    } catch (UnreadableException e) {
      unreadable.increment();
      LOG.errorf(
          "cluster=%s the state of %s cannot be read and goes to the dlq: %s",
          cluster, key, e.getMessage());
      group(key).ifPresent(group -> view.putUnreadable(group, e.getMessage()));
      return message.nack(e);
    }
  }

  @Incoming("declarations")
  CompletionStage<Void> event(Message<byte[]> message) {
    try {
      Optional<Envelope<Event>> event = codec.readEvent(message.getPayload());
      if (event.isEmpty()) {
        unknown.increment();
      } else if (declares(event.get(), cluster)
          && event.get().data() instanceof ClusterDeclared declared) {
        view.declare(event.get().id(), declared.engine());
      }
      return message.ack();
    } catch (UnreadableException e) {
      return message.nack(e);
    }
  }

  /** Says which engine the cluster runs; one that does not say it is passed over. */
  static boolean declares(Envelope<Event> event, String cluster) {
    return event.cluster().equals(cluster)
        && event.data() instanceof ClusterDeclared declared
        && declared.engine() != null;
  }

  /** The group of this cluster that a record of the topology is about. */
  static Optional<Integer> group(String key, String cluster) {
    Matcher ours = Pattern.compile(Pattern.quote(cluster) + "/(\\d{1,6})").matcher(key);
    return ours.matches() ? Optional.of(Integer.valueOf(ours.group(1))) : Optional.empty();
  }

  private Optional<Integer> group(String key) {
    return group(key, cluster);
  }

  private static String key(Message<byte[]> message) {
    return message
        .getMetadata(IncomingKafkaRecordMetadata.class)
        .map(IncomingKafkaRecordMetadata::getKey)
        .map(Object::toString)
        .orElse("");
  }
}
