package io.shardguard.healthmonitor;

import io.shardguard.events.Envelope;
import io.shardguard.events.Event;
import io.shardguard.events.EventCodec;
import io.shardguard.events.EventCodec.UnreadableException;
import io.shardguard.events.ProvisionerEvent.ClusterDeclared;
import io.shardguard.events.ProvisionerEvent.MemberStarted;
import io.shardguard.events.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
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
 * Finds in the events who is to be watched: a cluster's newest declaration, and when each of its
 * members was last started. It reads backwards, in growing steps: the log is kept for ever, and
 * what is looked for is near its end, unless a member was never started.
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

  /** What was found so far; what is newer was found first. */
  private static final class Found {

    private Envelope<Event> declaration;
    private final Map<String, Envelope<Event>> starts = new HashMap<>();

    void add(Found older) {
      declaration = declaration == null ? older.declaration : declaration;
      older.starts.forEach(starts::putIfAbsent);
    }

    void read(Envelope<Event> event) {
      if (event.data() instanceof ClusterDeclared) {
        declaration = event;
      } else if (event.data() instanceof MemberStarted started) {
        starts.put(started.member(), event);
      }
    }

    boolean complete() {
      return declaration != null
          && declaration.data() instanceof ClusterDeclared declared
          && declared.groups().stream()
              .flatMap(group -> group.members().stream())
              .allMatch(member -> starts.containsKey(member.name()));
    }

    List<Envelope<Event>> events() {
      List<Envelope<Event>> events = new ArrayList<>();
      if (declaration != null) {
        events.add(declaration);
        events.addAll(starts.values());
      }
      return events;
    }
  }

  /**
   * The newest declaration that was committed before this call, and after it the newest start of
   * each member; empty if nothing is declared.
   *
   * @throws org.apache.kafka.common.KafkaException if Kafka does not answer within 10 s
   */
  List<Envelope<Event>> newest() {
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
        List<Envelope<Event>> found =
            backwards(consumer, partition, begin.get(partition), end.get(partition)).events();
        if (!found.isEmpty()) {
          return found;
        }
      }
      return List.of();
    }
  }

  private Found backwards(
      KafkaConsumer<String, byte[]> consumer, TopicPartition partition, long begin, long end) {
    consumer.assign(List.of(partition));
    Found found = new Found();
    long step = FIRST_STEP;
    long to = end;
    while (to > begin && !found.complete()) {
      long from = Math.max(begin, to - step);
      found.add(between(consumer, partition, from, to));
      to = from;
      step *= 4;
    }
    return found;
  }

  private Found between(
      KafkaConsumer<String, byte[]> consumer, TopicPartition partition, long from, long to) {
    consumer.seek(partition, from);
    Found found = new Found();
    while (consumer.position(partition) < to) {
      for (ConsumerRecord<String, byte[]> row : consumer.poll(POLL)) {
        event(row).ifPresent(found::read);
      }
    }
    return found;
  }

  private Optional<Envelope<Event>> event(ConsumerRecord<String, byte[]> row) {
    if (!cluster.equals(row.key()) || row.value() == null) {
      return Optional.empty();
    }
    try {
      return codec.readEvent(row.value());
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
