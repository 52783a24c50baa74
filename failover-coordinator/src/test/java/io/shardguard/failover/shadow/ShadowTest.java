package io.shardguard.failover.shadow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.shardguard.eventlog.CommittedLog;
import io.shardguard.eventlog.KafkaTopics;
import io.shardguard.events.Basis.Asked;
import io.shardguard.events.Diagnosis;
import io.shardguard.events.Envelope;
import io.shardguard.events.Epoch;
import io.shardguard.events.Event;
import io.shardguard.events.EventCodec;
import io.shardguard.events.GroupTopology;
import io.shardguard.events.Lsn;
import io.shardguard.events.MemberAddress;
import io.shardguard.events.Observation;
import io.shardguard.events.Observation.Downstream;
import io.shardguard.events.Observation.MemberStatus;
import io.shardguard.events.Observation.MemberView;
import io.shardguard.events.Observation.Upstream;
import io.shardguard.events.Observation.Verdict;
import io.shardguard.events.ReplicationEvent.FailoverRefused;
import io.shardguard.events.ReplicationEvent.Refusal;
import io.shardguard.events.ReplicationEvent.StandbyDetached;
import io.shardguard.events.Timeline;
import io.shardguard.events.Topics;
import io.shardguard.events.TransitionEvent.PromotionStarted;
import io.shardguard.events.TransitionEvent.StandbySealed;
import io.shardguard.events.TransitionEvent.TransitionStarted;
import io.shardguard.failover.replay.PolicySettings;
import io.shardguard.failover.shadow.RecordedFact.Kind;
import io.shardguard.testkit.KafkaServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * A shadow on a real broker. The test plays the observer and the failover-coordinator of a group of
 * two; the members are ports that count who comes.
 */
class ShadowTest {

  private static final Duration GENEROUS = Duration.ofSeconds(120);
  private static final EventCodec CODEC = new EventCodec();
  private static final ShadowWatcher NOBODY = new Watcher(new ArrayList<>());

  private static KafkaServer kafka;
  private static KafkaProducer<String, byte[]> producer;
  private static ServerSocket primary;
  private static ServerSocket standby;
  private static final AtomicInteger CALLERS = new AtomicInteger();

  @BeforeAll
  static void start() throws Exception {
    kafka = KafkaServer.started();
    KafkaTopics.createMissing(kafka.bootstrapServers(), (short) 1, GENEROUS);
    producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", kafka.bootstrapServers()),
            new StringSerializer(),
            new ByteArraySerializer());
    primary = member();
    standby = member();
  }

  @AfterAll
  static void stop() throws Exception {
    producer.close();
    primary.close();
    standby.close();
    kafka.close();
  }

  private static ServerSocket member() throws IOException {
    ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual()
        .start(() -> {
          while (!socket.isClosed()) {
            try (var caller = socket.accept()) {
              CALLERS.incrementAndGet();
            } catch (IOException e) {
              if (!socket.isClosed()) {
                throw new UncheckedIOException(e);
              }
            }
          }
        });
    return socket;
  }

  @Test
  void aPrimaryThatIsSupposedToBeDownIsFailedOverInTheShadowTopicAndNowhereElse() throws Exception {
    String cluster = "whole";
    write(Topics.TOPOLOGY, cluster + "/1", CODEC.write(group(cluster, Set.of("w-b"))));
    Map<TopicPartition, Long> before = ends();
    long observed = run(cluster, List.of(down(0, 0)), NOBODY);

    List<Event> decided = decided(cluster);
    assertThat(decided)
        .extracting(event -> (Object) event.getClass())
        .containsExactly(TransitionStarted.class, StandbySealed.class, PromotionStarted.class);
    assertThat(((PromotionStarted) decided.get(2)).candidate()).isEqualTo("w-b");
    assertThat(((PromotionStarted) decided.get(2)).lsn()).isEqualTo(Lsn.parse("0/5000"));

    Map<TopicPartition, Long> written = new TreeMap<>(ORDER);
    ends()
        .forEach((partition, end) -> {
          if (!end.equals(before.get(partition))) {
            written.put(partition, end - before.get(partition));
          }
        });
    assertThat(written.keySet())
        .as("what grew: the observer's topic, and the shadow's own")
        .extracting(TopicPartition::topic)
        .containsExactlyInAnyOrder(Topics.OBSERVATIONS, Topics.SHADOW_EVENTS);
    assertThat(written.values()).containsExactlyInAnyOrder(observed, 3L);
    assertThat(CALLERS).as("sessions opened with members").hasValue(0);
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      assertThat(admin.listGroups().all().get(60, TimeUnit.SECONDS)).isEmpty();
      assertThat(admin.listTransactions().all().get(60, TimeUnit.SECONDS)).isEmpty();
    }
  }

  @Test
  void itRefusesWhatTheClusterAsItIsNowWouldRefuse() throws Exception {
    String cluster = "degraded";
    write(Topics.TOPOLOGY, cluster + "/1", CODEC.write(group(cluster, Set.of())));
    run(cluster, List.of(down(0, 0)), NOBODY);

    assertThat(decided(cluster))
        .anySatisfy(event ->
            assertThat(event)
                .isInstanceOfSatisfying(
                    FailoverRefused.class,
                    e -> assertThat(e.refusal()).isEqualTo(Refusal.NO_ELIGIBLE_STANDBY)));
  }

  @Test
  void whatIsSupposedOfOneMemberHoldsForTheNext() throws Exception {
    String cluster = "twice";
    write(Topics.TOPOLOGY, cluster + "/1", CODEC.write(group(cluster, Set.of("w-b"))));
    run(cluster, List.of(down(1, 0), down(0, 500)), NOBODY);

    assertThat(decided(cluster))
        .extracting(event -> (Object) event.getClass())
        .containsExactly(StandbyDetached.class, FailoverRefused.class);
  }

  @Test
  void aGroupOfWhichNothingIsSupposedStandsAsTheLiveOneHasIt() throws Exception {
    String cluster = "followed";
    write(Topics.TOPOLOGY, cluster + "/1", CODEC.write(group(cluster, Set.of())));
    List<Event> asked = new ArrayList<>();
    GroupTopology degraded = group(cluster, Set.of());
    GroupTopology whole = group(cluster, Set.of("w-b"));
    RecordedFact later = down(0, 3000);
    Thread live =
        Thread.ofVirtual()
            .start(() -> {
              await().atMost(GENEROUS).until(() -> !decided(cluster).isEmpty());
              write(Topics.TOPOLOGY, cluster + "/1", CODEC.write(whole));
            });
    run(cluster, List.of(later), new Watcher(asked));
    live.join();

    assertThat(degraded.eligible()).isEmpty();
    assertThat(asked)
        .as("it would attach the standby; the live one has done so meanwhile")
        .anyMatch(event -> event instanceof PromotionStarted)
        .noneMatch(event -> event instanceof FailoverRefused);
  }

  private record Watcher(List<Event> events) implements ShadowWatcher {

    @Override
    public void supposed(Instant at, String words) {
      assertThat(words).isNotBlank();
    }

    @Override
    public void decided(Instant at, List<Event> decided, List<Asked> asked) {
      events.addAll(decided);
    }

    @Override
    public void decidedLive(Instant at, Event event) {
      throw new AssertionError("nobody else decides here: " + event);
    }
  }

  // ---- the cluster

  /** Observes as long as the shadow runs; how often. */
  private static long run(String cluster, List<RecordedFact> facts, ShadowWatcher watcher)
      throws Exception {
    Shadow shadow =
        new Shadow(
            kafka.bootstrapServers(),
            cluster,
            PolicySettings.policy(PolicySettings.DEFAULTS),
            watcher);
    AtomicInteger observed = new AtomicInteger();
    Thread observer =
        Thread.ofVirtual()
            .start(() -> {
              while (!Thread.currentThread().isInterrupted()) {
                write(Topics.OBSERVATIONS, cluster, observation(cluster));
                observed.incrementAndGet();
                try {
                  Thread.sleep(100);
                } catch (InterruptedException e) {
                  return;
                }
              }
            });
    try {
      shadow.run(facts, Duration.ofSeconds(3));
    } finally {
      observer.interrupt();
      observer.join();
    }
    return observed.get();
  }

  private static RecordedFact down(int place, long millis) {
    return new RecordedFact(
        Duration.ofMillis(millis),
        Kind.DOWN,
        1,
        "then-" + place,
        place,
        Diagnosis.PROCESS_EXITED,
        List.of("as recorded"));
  }

  private static byte[] observation(String cluster) {
    Instant now = Instant.now();
    Downstream stream =
        new Downstream("w-b", "streaming", "quorum", Lsn.parse("0/5000"), 10L, null);
    MemberStatus leads =
        new MemberStatus(
            false,
            new Timeline(1),
            Lsn.parse("0/5000"),
            null,
            "ANY 1 (\"w-b\")",
            "on",
            null,
            List.of(stream),
            Instant.EPOCH);
    MemberStatus follows =
        new MemberStatus(
            true,
            new Timeline(1),
            Lsn.parse("0/5000"),
            Lsn.parse("0/5000"),
            "",
            "on",
            new Upstream("127.0.0.1", primary.getLocalPort(), "streaming", 10L),
            List.of(),
            Instant.EPOCH);
    Observation seen =
        new Observation(
            "m1",
            now,
            false,
            List.of(
                new MemberView(1, "w-a", Verdict.UP, null, now, leads),
                new MemberView(1, "w-b", Verdict.UP, null, now, follows)));
    return CODEC.write(EventCodec.envelope("o" + now, cluster, seen));
  }

  private static GroupTopology group(String cluster, Set<String> eligible) {
    return GroupTopology.steady(
        cluster,
        1,
        List.of(
            new MemberAddress("w-a", "127.0.0.1", primary.getLocalPort()),
            new MemberAddress("w-b", "127.0.0.1", standby.getLocalPort())),
        new Epoch(1),
        new Timeline(1),
        "w-a",
        Instant.now().minusSeconds(60),
        eligible);
  }

  private static List<Event> decided(String cluster) throws Exception {
    List<Event> events = new ArrayList<>();
    new CommittedLog(kafka.bootstrapServers())
        .readToEnd(
            Topics.SHADOW_EVENTS,
            null,
            GENEROUS,
            row -> {
              if (cluster.equals(row.key())) {
                try {
                  Envelope<Event> event = CODEC.readEvent(row.value()).orElseThrow();
                  assertThat(event.source()).isEqualTo(Shadow.SOURCE);
                  events.add(event.data());
                } catch (EventCodec.UnreadableException e) {
                  throw new AssertionError(e);
                }
              }
            });
    return events;
  }

  private static final java.util.Comparator<TopicPartition> ORDER =
      java.util.Comparator.comparing(TopicPartition::toString);

  /** The end of every partition of every topic but Kafka's own. */
  private static Map<TopicPartition, Long> ends() throws Exception {
    Map<TopicPartition, Long> ends = new TreeMap<>(ORDER);
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      Map<TopicPartition, OffsetSpec> wanted = new TreeMap<>(ORDER);
      admin
          .describeTopics(admin.listTopics().names().get(60, TimeUnit.SECONDS))
          .allTopicNames()
          .get(60, TimeUnit.SECONDS)
          .values()
          .forEach(topic ->
              topic
                  .partitions()
                  .forEach(p ->
                      wanted.put(
                          new TopicPartition(topic.name(), p.partition()), OffsetSpec.latest())));
      admin
          .listOffsets(wanted)
          .all()
          .get(60, TimeUnit.SECONDS)
          .forEach((partition, end) -> ends.put(partition, end.offset()));
    }
    return ends;
  }

  private static void write(String topic, String key, byte[] value) {
    try {
      producer.send(new ProducerRecord<>(topic, key, value)).get();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
