package io.shardguard.healthmonitor;

import io.shardguard.events.Envelope;
import io.shardguard.events.Event;
import io.shardguard.events.EventCodec;
import io.shardguard.events.EventCodec.UnreadableException;
import io.shardguard.events.GroupTopology;
import io.shardguard.events.ProvisionerEvent.ClusterDeclared;
import io.shardguard.events.ProvisionerEvent.MemberExited;
import io.shardguard.events.ProvisionerEvent.MemberStarted;
import io.shardguard.healthmonitor.core.Watch.Declared;
import io.smallrye.reactive.messaging.kafka.api.IncomingKafkaRecordMetadata;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.jboss.logging.Logger;

/** Reads the topology and the events, and tells the loop what concerns it. */
@ApplicationScoped
public class LogConsumer {

  private static final Logger LOG = Logger.getLogger(LogConsumer.class);

  private final EventCodec codec = new EventCodec();
  private final MonitorLoop loop;
  private final MonitorMetrics metrics;
  private final String cluster;

  @Inject
  LogConsumer(
      MonitorLoop loop,
      MonitorMetrics metrics,
      @ConfigProperty(name = "shardguard.cluster") String cluster) {
    this.loop = loop;
    this.metrics = metrics;
    this.cluster = cluster;
  }

  /** The newest state of a group. */
  @Incoming("topology-in")
  public CompletionStage<Void> topology(Message<byte[]> message) {
    if (message.getPayload() == null) {
      return message.ack();
    }
    try {
      GroupTopology group = codec.readTopology(key(message), message.getPayload());
      if (cluster.equals(group.cluster())) {
        loop.decided(group);
      }
      return message.ack();
    } catch (UnreadableException e) {
      return unreadable(message, e);
    }
  }

  /** An event from now on. */
  @Incoming("events-in")
  public CompletionStage<Void> event(Message<byte[]> message) {
    if (message.getPayload() == null) {
      return message.ack();
    }
    try {
      Optional<Envelope<Event>> event = codec.readEvent(message.getPayload());
      event.ifPresentOrElse(this::accept, metrics::unknownEvent);
      return message.ack();
    } catch (UnreadableException e) {
      return unreadable(message, e);
    }
  }

  /** Takes what concerns the observer; an event that was seen before changes nothing. */
  void accept(Envelope<Event> event) {
    if (!cluster.equals(event.cluster())) {
      return;
    }
    if (event.data() instanceof ClusterDeclared declared) {
      List<Declared> members =
          declared.groups().stream()
              .flatMap(group -> group.members().stream().map(m -> new Declared(group.group(), m)))
              .toList();
      loop.declared(members, event.time());
    } else if (event.data() instanceof MemberExited exit) {
      loop.exited(exit, event.time());
    } else if (event.data() instanceof MemberStarted started) {
      loop.started(started, event.time());
    }
  }

  private static String key(Message<byte[]> message) {
    return message
        .getMetadata(IncomingKafkaRecordMetadata.class)
        .map(record -> String.valueOf(record.getKey()))
        .orElse("");
  }

  private CompletionStage<Void> unreadable(Message<byte[]> message, UnreadableException e) {
    metrics.unreadableRecord();
    String where =
        message
            .getMetadata(IncomingKafkaRecordMetadata.class)
            .map(m -> m.getTopic() + "/" + m.getPartition() + "@" + m.getOffset())
            .orElse("?");
    LOG.warnf(
        "cluster=%s the record %s is unreadable and goes to the dlq: %s",
        cluster, where, e.getMessage());
    return message.nack(e);
  }
}
