package io.shardguard.lbconfigurator;

import io.shardguard.events.EventCodec;
import io.shardguard.events.EventCodec.UnreadableException;
import io.shardguard.events.GroupTopology;
import io.shardguard.events.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * The newest topology as the channel will have it: an unreadable record is passed over, while the
 * log's reader for tools stops there, as those must who are about to destroy data.
 */
final class TopologyEnd {

  private static final Duration POLL = Duration.ofMillis(200);

  private final EventCodec codec = new EventCodec();
  private final String bootstrapServers;
  private final String cluster;

  TopologyEnd(String bootstrapServers, String cluster) {
    this.bootstrapServers = bootstrapServers;
    this.cluster = cluster;
  }

  /**
   * Every group's newest state at a moment within this call.
   *
   * @throws TimeoutException if the end was not reached in time
   */
  Map<Integer, GroupTopology> read(Duration deadline) throws TimeoutException {
    Map<String, GroupTopology> newest = new TreeMap<>();
    long giveUpAt = System.nanoTime() + deadline.toNanos();
    try (KafkaConsumer<String, byte[]> consumer = consumer()) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(Topics.TOPOLOGY, deadline).stream()
              .map(p -> new TopicPartition(p.topic(), p.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, deadline);
      // By position, not by the last record's offset: control records and aborted ones take offsets
      // too.
      while (ends.entrySet().stream()
          .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        if (System.nanoTime() > giveUpAt) {
          throw new TimeoutException("the end of the topology was not reached within " + deadline);
        }
        consumer.poll(POLL).forEach(row -> apply(row, newest));
      }
    }
    Map<Integer, GroupTopology> groups = new TreeMap<>();
    newest.values().forEach(state -> groups.put(state.group(), state));
    return groups;
  }

  private void apply(ConsumerRecord<String, byte[]> row, Map<String, GroupTopology> newest) {
    if (row.value() == null) {
      newest.remove(row.key());
      return;
    }
    try {
      GroupTopology state = codec.readTopology(row.value());
      if (cluster.equals(state.cluster())) {
        newest.put(state.key(), state);
      }
    } catch (UnreadableException e) {
      // The channel puts it on the dlq.
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
