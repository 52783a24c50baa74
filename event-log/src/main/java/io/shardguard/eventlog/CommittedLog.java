package io.shardguard.eventlog;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Committed records as they are, outside of any consumer group: nothing is remembered of what was
 * read. Connects at each call.
 */
public final class CommittedLog {

  private static final String READ_COMMITTED = "read_committed";
  private static final String READ_UNCOMMITTED = "read_uncommitted";
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration ANSWERS_WITHIN = Duration.ofSeconds(10);

  private final String bootstrapServers;

  /** The given broker's log. */
  public CommittedLog(String bootstrapServers) {
    this.bootstrapServers = bootstrapServers;
  }

  /**
   * A consumer without partitions, for those who look for themselves. Its calls end with Kafka's
   * TimeoutException if Kafka does not answer within 10 s.
   */
  public KafkaConsumer<String, byte[]> consumer() {
    return consumer(READ_COMMITTED);
  }

  private KafkaConsumer<String, byte[]> consumer(String isolation) {
    return new KafkaConsumer<>(
        Map.of(
            ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
            bootstrapServers,
            ConsumerConfig.ISOLATION_LEVEL_CONFIG,
            isolation,
            ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
            false,
            ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
            Math.toIntExact(ANSWERS_WITHIN.toMillis())),
        new StringDeserializer(),
        new ByteArrayDeserializer());
  }

  /**
   * Every record of a topic, from a time on, to the end as of a moment within this call; each
   * partition in its order.
   *
   * @param from by the records' own time, where each partition begins; null: at its first record
   * @throws TimeoutException if the end was not reached in time
   */
  public void readToEnd(
      String topic, Instant from, Duration deadline, Consumer<ConsumerRecord<String, byte[]>> sink)
      throws TimeoutException {
    readTo(READ_COMMITTED, topic, from, deadline, sink);
  }

  /**
   * The same from the first record on, for those who are about to destroy something: whatever was
   * committed before this call is in it. A transaction that somebody left open hides what others
   * committed after its beginning from readers of committed records; here its end is waited for.
   *
   * @throws TimeoutException if the end was not reached in time, a transaction being open perhaps
   */
  public void readBehindOpenTransactions(
      String topic, Duration deadline, Consumer<ConsumerRecord<String, byte[]>> sink)
      throws TimeoutException {
    readTo(READ_UNCOMMITTED, topic, null, deadline, sink);
  }

  private void readTo(
      String endAsSeenBy,
      String topic,
      Instant from,
      Duration deadline,
      Consumer<ConsumerRecord<String, byte[]>> sink)
      throws TimeoutException {
    long giveUpAt = System.nanoTime() + deadline.toNanos();
    try (KafkaConsumer<String, byte[]> consumer = consumer()) {
      List<TopicPartition> partitions = assign(consumer, topic, until(giveUpAt));
      if (from == null) {
        consumer.seekToBeginning(partitions);
      } else {
        seekTo(from, consumer, until(giveUpAt));
      }
      Map<TopicPartition, Long> ends = ends(endAsSeenBy, consumer, partitions, giveUpAt);
      // By position, not by the last record's offset: control records and aborted ones take offsets
      // too.
      while (ends.entrySet().stream()
          .anyMatch(end -> consumer.position(end.getKey(), until(giveUpAt)) < end.getValue())) {
        if (System.nanoTime() > giveUpAt) {
          throw new TimeoutException("the end of " + topic + " was not reached within " + deadline);
        }
        consumer.poll(POLL).forEach(sink);
      }
    } catch (org.apache.kafka.common.errors.TimeoutException e) {
      throw new TimeoutException(
          "Kafka at " + bootstrapServers + " does not answer: " + e.getMessage());
    }
  }

  /**
   * Follows a topic until {@code stop} says so; asked about five times a second.
   *
   * @param from by the records' own time, where each partition begins; null: at its end
   * @param begun runs once it is fixed where it begins: no record that is written later is missed
   * @throws org.apache.kafka.common.errors.TimeoutException if Kafka does not answer at the
   *     beginning; later it is waited for
   */
  public void follow(
      String topic,
      Instant from,
      Runnable begun,
      BooleanSupplier stop,
      Consumer<ConsumerRecord<String, byte[]>> sink) {
    try (KafkaConsumer<String, byte[]> consumer = consumer()) {
      List<TopicPartition> partitions = assign(consumer, topic, ANSWERS_WITHIN);
      if (from == null) {
        consumer.seekToEnd(partitions);
      } else {
        seekTo(from, consumer, ANSWERS_WITHIN);
      }
      partitions.forEach(partition -> consumer.position(partition, ANSWERS_WITHIN));
      begun.run();
      while (!stop.getAsBoolean()) {
        consumer.poll(POLL).forEach(sink);
      }
    }
  }

  /** Where a record is, for people: topic/partition@offset. */
  public static String where(ConsumerRecord<?, ?> row) {
    return row.topic() + "/" + row.partition() + "@" + row.offset();
  }

  /** To the first record of each partition that is not older; to the end where there is none. */
  private static void seekTo(Instant from, KafkaConsumer<?, ?> consumer, Duration within) {
    Map<TopicPartition, Long> times = new LinkedHashMap<>();
    consumer.assignment().forEach(partition -> times.put(partition, from.toEpochMilli()));
    consumer.seekToEnd(consumer.assignment());
    consumer
        .offsetsForTimes(times, within)
        .forEach((partition, found) -> {
          if (found != null) {
            consumer.seek(partition, found.offset());
          }
        });
  }

  private Map<TopicPartition, Long> ends(
      String asSeenBy, KafkaConsumer<?, ?> reader, List<TopicPartition> partitions, long giveUpAt) {
    if (asSeenBy.equals(READ_COMMITTED)) {
      return reader.endOffsets(partitions, until(giveUpAt));
    }
    try (KafkaConsumer<String, byte[]> other = consumer(asSeenBy)) {
      return other.endOffsets(partitions, until(giveUpAt));
    }
  }

  private static Duration until(long nanoTime) {
    return Duration.ofNanos(Math.max(0, nanoTime - System.nanoTime()));
  }

  private static List<TopicPartition> assign(
      KafkaConsumer<String, byte[]> consumer, String topic, Duration within) {
    List<TopicPartition> partitions =
        consumer.partitionsFor(topic, within).stream()
            .map(p -> new TopicPartition(topic, p.partition()))
            .toList();
    consumer.assign(partitions);
    return partitions;
  }
}
