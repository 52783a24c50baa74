package io.shardguard.healthmonitor;

import io.shardguard.events.Envelope;
import io.shardguard.events.Event;
import io.smallrye.common.annotation.Identifier;
import io.smallrye.reactive.messaging.kafka.KafkaConsumerRebalanceListener;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Reads the declaration back when the service begins to read events, which it does from their end.
 * First the place from which it goes on is fixed, then everything before is searched: so no
 * declaration can fall in between.
 */
@ApplicationScoped
@Identifier("events-joined")
public class EventsJoined implements KafkaConsumerRebalanceListener {

  private static final Logger LOG = Logger.getLogger(EventsJoined.class);
  private static final Duration RETRY = Duration.ofSeconds(1);

  private final LogConsumer log;
  private final DeclarationReader reader;
  private final String cluster;

  @Inject
  EventsJoined(
      LogConsumer log,
      @ConfigProperty(name = "kafka.bootstrap.servers") String bootstrapServers,
      @ConfigProperty(name = "shardguard.cluster") String cluster) {
    this.log = log;
    this.reader = new DeclarationReader(bootstrapServers, cluster);
    this.cluster = cluster;
  }

  @Override
  public void onPartitionsAssigned(Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
    partitions.forEach(consumer::position);
    if (!partitions.isEmpty()) {
      Thread.ofVirtual().name("declaration-reader").start(this::readBack);
    }
  }

  private void readBack() {
    try {
      while (!found()) {
        Thread.sleep(RETRY);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean found() {
    try {
      List<Envelope<Event>> newest = reader.newest();
      newest.forEach(log::accept);
      if (newest.isEmpty()) {
        LOG.infof("cluster=%s is not declared yet", cluster);
      }
      return true;
    } catch (KafkaException e) {
      LOG.warnf(
          "cluster=%s the declaration could not be read back, trying again: %s",
          cluster, e.getMessage());
      return false;
    }
  }
}
