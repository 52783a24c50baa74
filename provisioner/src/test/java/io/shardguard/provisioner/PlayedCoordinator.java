package io.shardguard.provisioner;

import static org.awaitility.Awaitility.await;

import io.shardguard.eventlog.KafkaTopics;
import io.shardguard.events.Epoch;
import io.shardguard.events.Event;
import io.shardguard.events.EventCodec;
import io.shardguard.events.GroupTopology;
import io.shardguard.events.GroupTopology.Promoting;
import io.shardguard.events.GroupTopology.Sealing;
import io.shardguard.events.GroupTopology.Transition;
import io.shardguard.events.MemberAddress;
import io.shardguard.events.Timeline;
import io.shardguard.events.Topics;
import io.shardguard.events.TransitionEvent.TransitionStarted;
import io.shardguard.events.TransitionKind;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Plays failover-coordinator, and watches the events. */
final class PlayedCoordinator implements AutoCloseable {

  private static final Duration BOUND = Duration.ofSeconds(60);

  private final String cluster;
  private final EventCodec codec = new EventCodec();
  private final List<Event> heard = new CopyOnWriteArrayList<>();
  private final KafkaProducer<String, byte[]> producer;
  private volatile boolean closed;

  PlayedCoordinator(String cluster, String bootstrap) throws Exception {
    this.cluster = cluster;
    KafkaTopics.createMissing(bootstrap, (short) 1, BOUND);
    this.producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", bootstrap, "acks", "all"),
            new StringSerializer(),
            new ByteArraySerializer());
    Thread.ofPlatform().daemon().start(() -> listen(bootstrap));
  }

  private void listen(String bootstrap) {
    try (KafkaConsumer<String, byte[]> consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", bootstrap),
            new StringDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(Topics.EVENTS).stream()
              .map(p -> new TopicPartition(p.topic(), p.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      while (!closed) {
        consumer.poll(Duration.ofMillis(50)).forEach(row -> hear(row.value()));
      }
    }
  }

  private void hear(byte[] bytes) {
    try {
      codec
          .readEvent(bytes)
          .filter(e -> e.cluster().equals(cluster))
          .ifPresent(e -> heard.add(e.data()));
    } catch (EventCodec.UnreadableException e) {
      // Written by a test.
    }
  }

  List<Event> heard() {
    return heard;
  }

  /** Waits for an event. */
  <E extends Event> E awaitEvent(Class<E> type, Predicate<E> wanted) {
    return await()
        .atMost(BOUND)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> find(type, wanted), Optional::isPresent)
        .orElseThrow();
  }

  private <E extends Event> Optional<E> find(Class<E> type, Predicate<E> wanted) {
    return heard.stream().filter(type::isInstance).map(type::cast).filter(wanted).findFirst();
  }

  /** Promotes a member that stands in recovery, and returns its timeline. */
  Timeline promote(MemberAddress member) throws Exception {
    await()
        .atMost(BOUND)
        .ignoreExceptions()
        .until(() ->
            "t"
                .equals(
                    TestSql.value(member, "postgres", "postgres", "SELECT pg_is_in_recovery()")));
    TestSql.run(member, "postgres", "postgres", "SELECT pg_promote(false)");
    await()
        .atMost(BOUND)
        .ignoreExceptions()
        .until(() ->
            "f"
                .equals(
                    TestSql.value(member, "postgres", "postgres", "SELECT pg_is_in_recovery()")));
    String timeline =
        TestSql.value(
            member,
            "postgres",
            "postgres",
            "SELECT left(pg_walfile_name(pg_current_wal_insert_lsn()), 8)");
    return new Timeline(Integer.parseInt(timeline, 16));
  }

  /** Writes that a group has this primary. */
  void decide(
      int group,
      List<MemberAddress> members,
      long epoch,
      Timeline timeline,
      String primary,
      String... eligible) {
    write(
        GroupTopology.steady(
            cluster,
            group,
            members,
            new Epoch(epoch),
            timeline,
            primary,
            Instant.now(),
            Set.of(eligible)));
  }

  /** Writes that a failover of a group has begun. */
  void beginFailover(
      String transition,
      int group,
      List<MemberAddress> members,
      long epoch,
      Timeline timeline,
      String oldPrimary) {
    Set<String> toSeal =
        Set.of(
            members.stream()
                .map(MemberAddress::name)
                .filter(name -> !name.equals(oldPrimary))
                .findFirst()
                .orElseThrow());
    write(
        new GroupTopology(
            cluster,
            group,
            members,
            new Epoch(epoch),
            timeline,
            oldPrimary,
            Instant.now(),
            Set.of(),
            null,
            new Transition(
                transition,
                TransitionKind.FAILOVER,
                new Epoch(epoch + 1),
                oldPrimary,
                false,
                Instant.now(),
                new Sealing(toSeal, Map.of())),
            null,
            null,
            null,
            null,
            List.of(),
            null,
            null));
    Event started =
        new TransitionStarted(
            group,
            transition,
            TransitionKind.FAILOVER,
            new Epoch(epoch + 1),
            oldPrimary,
            false,
            List.copyOf(toSeal),
            "a test",
            List.of());
    send(
        Topics.EVENTS,
        cluster,
        codec.write(
            EventCodec.envelope(
                UUID.randomUUID().toString(),
                "a-test",
                Instant.now(),
                cluster,
                List.of(),
                started)));
  }

  /** Writes that the failover goes on with the promotion of this member. */
  void beginPromotion(
      String transition,
      int group,
      List<MemberAddress> members,
      long epoch,
      Timeline timeline,
      String oldPrimary,
      String candidate) {
    write(
        new GroupTopology(
            cluster,
            group,
            members,
            new Epoch(epoch),
            timeline,
            oldPrimary,
            Instant.now(),
            Set.of(),
            null,
            new Transition(
                transition,
                TransitionKind.FAILOVER,
                new Epoch(epoch + 1),
                oldPrimary,
                true,
                Instant.now(),
                new Promoting(candidate)),
            null,
            null,
            null,
            null,
            List.of(),
            null,
            null));
  }

  /** Writes that the group's standbys are being sealed: nobody tells them to stream again. */
  void seal(int group, List<MemberAddress> members, long epoch, Timeline timeline, String primary) {
    write(
        new GroupTopology(
            cluster,
            group,
            members,
            new Epoch(epoch),
            timeline,
            primary,
            Instant.now(),
            Set.of(),
            null,
            new Transition(
                "sealing",
                TransitionKind.RESUMPTION,
                new Epoch(epoch + 1),
                primary,
                false,
                Instant.now(),
                new Sealing(Set.of(), Map.of())),
            null,
            null,
            null,
            null,
            List.of(),
            null,
            null));
  }

  private void write(GroupTopology topology) {
    send(Topics.TOPOLOGY, topology.key(), codec.write(topology));
  }

  void send(String topic, String key, byte[] value) {
    producer.send(new ProducerRecord<>(topic, key, value));
    producer.flush();
  }

  @Override
  public void close() {
    closed = true;
    producer.close(Duration.ofSeconds(5));
  }
}
