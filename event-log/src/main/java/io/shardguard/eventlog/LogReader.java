package io.shardguard.eventlog;

import io.shardguard.events.Envelope;
import io.shardguard.events.Event;
import io.shardguard.events.EventCodec;
import io.shardguard.events.EventCodec.UnreadableException;
import io.shardguard.events.GroupTopology;
import io.shardguard.events.Observation;
import io.shardguard.events.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Reads committed records from the beginning to the end, outside of any consumer group: for tools,
 * and for those who must know the newest state before they act.
 */
public final class LogReader {

  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration FIRST_ANSWER = Duration.ofSeconds(10);

  private static final String READ_COMMITTED = "read_committed";
  private static final String READ_UNCOMMITTED = "read_uncommitted";

  private final String bootstrapServers;
  private final EventCodec codec = new EventCodec();

  /** A reader of the given broker's log; connects at each call. */
  public LogReader(String bootstrapServers) {
    this.bootstrapServers = bootstrapServers;
  }

  /**
   * The newest state of every group, by key (cluster/group), as of a moment within this call.
   *
   * @param deadline for the whole call
   * @throws TimeoutException if the end was not reached in time: what was read is then not the
   *     newest, and not returned
   * @throws IllegalStateException if the newest state of a group cannot be read
   */
  public Map<String, GroupTopology> topology(Duration deadline) throws TimeoutException {
    return topology(deadline, READ_COMMITTED);
  }

  /**
   * The same, for those who are about to destroy something: whatever was committed before this call
   * is in it. A transaction that somebody left open hides what others committed after its beginning
   * from readers of committed records; here it is waited for.
   *
   * @param deadline for the whole call
   * @throws TimeoutException if the end was not reached in time, a transaction being open perhaps
   * @throws IllegalStateException if the newest state of a group cannot be read
   */
  public Map<String, GroupTopology> topologyBehindOpenTransactions(Duration deadline)
      throws TimeoutException {
    return topology(deadline, READ_UNCOMMITTED);
  }

  private Map<String, GroupTopology> topology(Duration deadline, String endAsSeenBy)
      throws TimeoutException {
    Map<String, ConsumerRecord<String, byte[]>> newest = new LinkedHashMap<>();
    readToEnd(
        Topics.TOPOLOGY,
        deadline,
        endAsSeenBy,
        (consumer, left) -> consumer.seekToBeginning(consumer.assignment()),
        row -> {
          if (row.value() == null) {
            newest.remove(row.key());
          } else {
            newest.put(row.key(), row);
          }
        });
    // Only now: a record that cannot be read does no harm once there is a newer one.
    Map<String, GroupTopology> states = new LinkedHashMap<>();
    newest.forEach((key, row) -> states.put(key, state(row)));
    return states;
  }

  /**
   * Every event so far, in the log's order for each cluster.
   *
   * @param sink gets each event with its place; unknown types and unreadable records are left out
   * @throws TimeoutException if the end was not reached in time
   */
  public void events(Duration deadline, Consumer<Envelope<Event>> sink) throws TimeoutException {
    readToEnd(Topics.EVENTS, deadline, row -> decode(row, sink));
  }

  /**
   * The newest observation of each observer of a cluster, by the observer's name.
   *
   * @param since older observations do not count: an observer that is gone says nothing
   * @throws TimeoutException if the end was not reached in time
   */
  public Map<String, Observation> observations(String cluster, Instant since, Duration deadline)
      throws TimeoutException {
    Map<String, Observation> newest = new LinkedHashMap<>();
    readToEnd(
        Topics.OBSERVATIONS,
        deadline,
        READ_COMMITTED,
        (consumer, left) -> seekTo(since, consumer, left),
        row -> {
          if (cluster.equals(row.key())) {
            try {
              Observation observation = codec.readObservation(row.value()).data();
              newest.merge(
                  observation.observer(), observation, (a, b) -> b.at().isBefore(a.at()) ? a : b);
            } catch (UnreadableException e) {
              leaveOut(row, e);
            }
          }
        });
    return newest;
  }

  /**
   * Follows the events that come from {@code from} on, until {@code stop} says so; asked about five
   * times a second.
   *
   * @throws org.apache.kafka.common.errors.TimeoutException if Kafka does not answer at the
   *     beginning; later it is waited for
   */
  public void follow(Instant from, BooleanSupplier stop, Consumer<Envelope<Event>> sink) {
    try (KafkaConsumer<String, byte[]> consumer = consumer()) {
      assign(consumer, Topics.EVENTS, FIRST_ANSWER);
      seekTo(from, consumer, FIRST_ANSWER);
      while (!stop.getAsBoolean()) {
        consumer.poll(POLL).forEach(row -> decode(row, sink));
      }
    }
  }

  private GroupTopology state(ConsumerRecord<String, byte[]> row) {
    try {
      return codec.readTopology(row.value());
    } catch (UnreadableException e) {
      throw new IllegalStateException(where(row) + ": " + e.getMessage(), e);
    }
  }

  private void decode(ConsumerRecord<String, byte[]> row, Consumer<Envelope<Event>> sink) {
    try {
      codec.readEvent(row.value()).ifPresent(sink);
    } catch (UnreadableException e) {
      leaveOut(row, e);
    }
  }

  private static void leaveOut(ConsumerRecord<?, ?> row, UnreadableException reason) {
    System.getLogger(LogReader.class.getName())
        .log(System.Logger.Level.WARNING, "{0} is left out: {1}", where(row), reason.getMessage());
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

  private void readToEnd(
      String topic, Duration deadline, Consumer<ConsumerRecord<String, byte[]>> sink)
      throws TimeoutException {
    readToEnd(
        topic,
        deadline,
        READ_COMMITTED,
        (consumer, left) -> consumer.seekToBeginning(consumer.assignment()),
        sink);
  }

  private void readToEnd(
      String topic,
      Duration deadline,
      String endAsSeenBy,
      BiConsumer<KafkaConsumer<String, byte[]>, Duration> seek,
      Consumer<ConsumerRecord<String, byte[]>> sink)
      throws TimeoutException {
    long giveUpAt = System.nanoTime() + deadline.toNanos();
    try (KafkaConsumer<String, byte[]> consumer = consumer()) {
      List<TopicPartition> partitions = assign(consumer, topic, until(giveUpAt));
      seek.accept(consumer, until(giveUpAt));
      Map<TopicPartition, Long> ends = ends(consumer, partitions, endAsSeenBy, giveUpAt);
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

  private Map<TopicPartition, Long> ends(
      KafkaConsumer<?, ?> reader,
      List<TopicPartition> partitions,
      String endAsSeenBy,
      long giveUpAt) {
    if (endAsSeenBy.equals(READ_COMMITTED)) {
      return reader.endOffsets(partitions, until(giveUpAt));
    }
    try (KafkaConsumer<String, byte[]> other = consumer(endAsSeenBy)) {
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

  private KafkaConsumer<String, byte[]> consumer() {
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
            false),
        new StringDeserializer(),
        new ByteArrayDeserializer());
  }

  private static String where(ConsumerRecord<?, ?> row) {
    return row.topic() + "/" + row.partition() + "@" + row.offset();
  }
}
