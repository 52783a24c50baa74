package io.shardguard.healthmonitor;

import io.shardguard.events.Envelope;
import io.shardguard.events.Event;
import io.shardguard.events.EventCodec;
import io.shardguard.events.EventCodec.UnreadableException;
import io.shardguard.events.ProvisionerEvent.ClusterDeclared;
import io.shardguard.events.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Finds the newest declaration of a cluster in the events. It reads backwards, in growing steps:
 * the log is kept for ever, and its newest declaration, written at each start of the provisioner,
 * is near its end.
 */
final class DeclarationReader {

  private static final long FIRST_STEP = 1_000;
  private static final Duration POLL = Duration.ofMillis(200);

  private final String bootstrapServers;
  private final String cluster;
  private final EventCodec codec = new EventCodec();

  DeclarationReader(String bootstrapServers, String cluster) {
    this.bootstrapServers = bootstrapServers;
    this.cluster = cluster;
  }

  /**
   * The newest declaration that was committed before this call; empty if there is none.
   *
   * @throws org.apache.kafka.common.KafkaException if Kafka does not answer within 10 s
   */
  Optional<Envelope<Event>> newest() {
    try (KafkaConsumer<String, byte[]> consumer = consumer()) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(Topics.EVENTS).stream()
              .map(p -> new TopicPartition(Topics.EVENTS, p.partition()))
              .toList();
      Map<TopicPartition, Long> begin = consumer.beginningOffsets(partitions);
      Map<TopicPartition, Long> end = consumer.endOffsets(partitions);
      // A cluster's events are all in one partition: where one is found, the others need not be
      // read.
      for (TopicPartition partition : partitions) {
        Optional<Envelope<Event>> found =
            backwards(consumer, partition, begin.get(partition), end.get(partition));
        if (found.isPresent()) {
          return found;
        }
      }
      return Optional.empty();
    }
  }

  private Optional<Envelope<Event>> backwards(
      KafkaConsumer<String, byte[]> consumer, TopicPartition partition, long begin, long end) {
    consumer.assign(List.of(partition));
    long step = FIRST_STEP;
    long to = end;
    while (to > begin) {
      long from = Math.max(begin, to - step);
      Optional<Envelope<Event>> found = last(consumer, partition, from, to);
      if (found.isPresent()) {
        return found;
      }
      to = from;
      step *= 4;
    }
    return Optional.empty();
  }

  private Optional<Envelope<Event>> last(
      KafkaConsumer<String, byte[]> consumer, TopicPartition partition, long from, long to) {
    consumer.seek(partition, from);
    Optional<Envelope<Event>> newest = Optional.empty();
    while (consumer.position(partition) < to) {
      for (ConsumerRecord<String, byte[]> row : consumer.poll(POLL)) {
        Optional<Envelope<Event>> declaration = declaration(row);
        newest = declaration.isPresent() ? declaration : newest;
      }
    }
    return newest;
  }

  private Optional<Envelope<Event>> declaration(ConsumerRecord<String, byte[]> row) {
    if (!cluster.equals(row.key()) || row.value() == null) {
      return Optional.empty();
    }
    try {
      return codec.readEvent(row.value()).filter(event -> event.data() instanceof ClusterDeclared);
    } catch (UnreadableException leftToTheConsumer) {
      return Optional.empty();
    }
  }

  private KafkaConsumer<String, byte[]> consumer() {
    return new KafkaConsumer<>(
        Map.of(
            ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
            bootstrapServers,
            ConsumerConfig.ISOLATION_LEVEL_CONFIG,
            "read_committed",
            ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
            false,
            ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
            10_000),
        new StringDeserializer(),
        new ByteArrayDeserializer());
  }
}
