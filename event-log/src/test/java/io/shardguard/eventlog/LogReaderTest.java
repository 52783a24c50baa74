package io.shardguard.eventlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.shardguard.events.Envelope;
import io.shardguard.events.Epoch;
import io.shardguard.events.Event;
import io.shardguard.events.EventCodec;
import io.shardguard.events.GroupTopology;
import io.shardguard.events.MemberAddress;
import io.shardguard.events.MonitorEvent.NodeUp;
import io.shardguard.events.Observation;
import io.shardguard.events.Timeline;
import io.shardguard.events.Topics;
import io.shardguard.testkit.KafkaServer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Each test has a cluster of its own in the log that all share. */
class LogReaderTest {

  private static KafkaServer kafka;

  /**
   * Later than all that is in the log before the test: partitions are shared, and searched by time.
   */
  private final Instant noon = Instant.now().truncatedTo(ChronoUnit.MILLIS);

  private final EventCodec codec = new EventCodec();
  private final String cluster = "c" + UUID.randomUUID();
  private final LogReader log = new LogReader(kafka.bootstrapServers());

  @BeforeAll
  static void topics() throws Exception {
    kafka = Broker.shared();
    KafkaTopics.createMissing(kafka.bootstrapServers(), (short) 1, Broker.BOUND);
  }

  @Test
  void theNewestStateOfAGroupWins() throws Exception {
    commit(topology(0, "a"), topology(1, "x"), topology(0, "b"));
    assertThat(primaries()).isEqualTo(Map.of(cluster + "/0", "b", cluster + "/1", "x"));
  }

  @Test
  void aTombstoneRemovesAGroup() throws Exception {
    commit(topology(0, "a"), topology(1, "x"), record(Topics.TOPOLOGY, cluster + "/0", null));
    assertThat(primaries()).isEqualTo(Map.of(cluster + "/1", "x"));
  }

  @Test
  void aGroupThatIsDeclaredAgainAfterItsTombstoneIsThere() throws Exception {
    commit(topology(0, "a"), record(Topics.TOPOLOGY, cluster + "/0", null), topology(0, "b"));
    assertThat(primaries()).isEqualTo(Map.of(cluster + "/0", "b"));
  }

  @Test
  void whatWasAbortedWasNeverDecidedAndTheEndBehindItIsReached() throws Exception {
    commit(topology(0, "a"));
    abort(topology(0, "b"), topology(1, "x"));
    assertThat(primaries()).isEqualTo(Map.of(cluster + "/0", "a"));
  }

  @Test
  void whatIsNotCommittedYetIsNotSeenAndNotWaitedFor() throws Exception {
    commit(topology(0, "a"));
    try (KafkaProducer<String, byte[]> producer = transactional()) {
      producer.beginTransaction();
      producer.send(topology(0, "b")).get(60, TimeUnit.SECONDS);
      assertThat(primaries()).isEqualTo(Map.of(cluster + "/0", "a"));
      producer.commitTransaction();
    }
    assertThat(primaries()).isEqualTo(Map.of(cluster + "/0", "b"));
  }

  @Test
  void whoeverDestroysWaitsForATransactionThatHidesWhatWasCommittedBehindIt() throws Exception {
    commit(topology(0, "a"));
    try (KafkaProducer<String, byte[]> producer = transactional()) {
      producer.beginTransaction();
      producer.send(topology(1, "never")).get(60, TimeUnit.SECONDS);
      commit(topology(0, "b"));
      assertThat(primaries()).isEqualTo(Map.of(cluster + "/0", "a"));
      assertThatExceptionOfType(TimeoutException.class)
          .isThrownBy(() -> log.topologyBehindOpenTransactions(Duration.ofSeconds(2)));
      producer.abortTransaction();
    }
    assertThat(log.topologyBehindOpenTransactions(Broker.BOUND).get(cluster + "/0").primary())
        .isEqualTo("b");
  }

  /** Whoever acts on the newest state must not act on an older one instead. */
  @Test
  void aNewestStateThatCannotBeReadIsAnErrorUntilThereIsANewerOne() throws Exception {
    commit(topology(0, "a"), record(Topics.TOPOLOGY, cluster + "/0", bytes("rubbish")));
    assertThatIllegalStateException()
        .isThrownBy(() -> log.topology(Broker.BOUND))
        .withMessageContaining(Topics.TOPOLOGY + "/0@");
    commit(topology(0, "b"));
    assertThat(primaries()).isEqualTo(Map.of(cluster + "/0", "b"));
  }

  @Test
  void anUnreadableStateLeavesTheOneBeforeItAndSaysWhereAndWhy() throws Exception {
    commit(topology(0, "a"), topology(1, "x"), record(Topics.TOPOLOGY, cluster + "/0", bytes("{")));
    GroupStates states = log.groupStates(Broker.BOUND);
    assertThat(states.lastReadable().get(cluster + "/0").primary()).isEqualTo("a");
    assertThat(states.unreadable().get(cluster + "/0")).contains(Topics.TOPOLOGY + "/0@", "JSON");
    assertThatIllegalStateException().isThrownBy(() -> states.newest(cluster));
    commit(topology(0, "b"));
  }

  @Test
  void whatOneClusterCannotReadDoesNotKeepAnotherFromItsNewestState() throws Exception {
    String other = cluster + "-other";
    commit(topology(0, "a"), record(Topics.TOPOLOGY, other + "/0", bytes("{")));
    GroupStates states = log.groupStates(Broker.BOUND);
    assertThat(states.newest(cluster)).containsOnlyKeys(cluster + "/0");
    assertThatIllegalStateException().isThrownBy(() -> states.newest(other));
    commit(record(Topics.TOPOLOGY, other + "/0", null));
  }

  @Test
  void aStateUnderTheKeyOfAnotherGroupIsUnreadable() throws Exception {
    commit(topology(0, "a"), record(Topics.TOPOLOGY, cluster + "/1", topology(0, "b").value()));
    GroupStates states = log.groupStates(Broker.BOUND);
    assertThat(states.lastReadable().get(cluster + "/0").primary()).isEqualTo("a");
    assertThat(states.unreadable()).containsKey(cluster + "/1");
    commit(record(Topics.TOPOLOGY, cluster + "/1", null));
  }

  @Test
  void aGroupOfWhichNothingCanBeReadIsThereAllTheSame() throws Exception {
    commit(record(Topics.TOPOLOGY, cluster + "/0", bytes("{")));
    GroupStates states = log.groupStates(Broker.BOUND);
    assertThat(states.lastReadable()).doesNotContainKey(cluster + "/0");
    assertThat(states.unreadable()).containsKey(cluster + "/0");
    commit(record(Topics.TOPOLOGY, cluster + "/0", null));
  }

  @Test
  void theEventsOfAClusterComeInTheOrderInWhichTheyWereCommitted() throws Exception {
    commit(event("a"), event("b"));
    abort(event("never"));
    commit(event("c"));
    assertThat(events()).containsExactly("a", "b", "c");
  }

  @Test
  void eventsThatAreUnknownOrUnreadableAreLeftOut() throws Exception {
    String unknown =
        new String(event("later").value(), StandardCharsets.UTF_8)
            .replace("node-up.v1", "node-up.v2");
    commit(
        event("a"),
        at(noon, record(Topics.EVENTS, cluster, bytes("rubbish"))),
        at(noon, record(Topics.EVENTS, cluster, bytes(unknown))),
        at(noon, record(Topics.EVENTS, cluster, null)),
        event("b"));
    assertThat(events()).containsExactly("a", "b");
  }

  @Test
  void aFollowerSeesWhatCameSinceAndThenWhatComes() throws Exception {
    commit(at(noon.minusSeconds(60), event("before")), at(noon, event("since")));
    LinkedBlockingQueue<String> seen = new LinkedBlockingQueue<>();
    AtomicBoolean stop = new AtomicBoolean();
    CountDownLatch ended = new CountDownLatch(1);
    Thread.ofVirtual()
        .start(() -> {
          log.follow(noon, stop::get, event -> collect(event, seen));
          ended.countDown();
        });
    assertThat(seen.poll(60, TimeUnit.SECONDS)).isEqualTo("since");
    commit(at(noon.plusMillis(1), event("now")));
    assertThat(seen.poll(60, TimeUnit.SECONDS)).isEqualTo("now");
    stop.set(true);
    assertThat(ended.await(60, TimeUnit.SECONDS)).isTrue();
    assertThat(seen).isEmpty();
  }

  @Test
  void eachObserversNewestObservationCountsByItsOwnTime() throws Exception {
    commit(
        observation(cluster, "monitor-1", noon),
        observation(cluster, "monitor-2", noon.minusMillis(200)),
        observation(cluster, "monitor-1", noon.minusMillis(100)));
    assertThat(observations(noon.minusSeconds(10)))
        .containsOnlyKeys("monitor-1", "monitor-2")
        .hasEntrySatisfying("monitor-1", it -> assertThat(it.at()).isEqualTo(noon));
  }

  @Test
  void observationsOfOtherClustersAndUnreadableOnesAreLeftOut() throws Exception {
    commit(
        at(noon, record(Topics.OBSERVATIONS, cluster, bytes("rubbish"))),
        observation(cluster + "-other", "monitor-2", noon),
        observation(cluster, "monitor-1", noon));
    assertThat(observations(noon)).containsOnlyKeys("monitor-1");
  }

  @Test
  void anObserverThatSaysNothingAnyMoreIsNotThere() throws Exception {
    commit(observation(cluster, "gone", noon.minusSeconds(60)), observation(cluster, "here", noon));
    assertThat(observations(noon)).containsOnlyKeys("here");
  }

  @Test
  void nobodySaysAnythingSinceALaterTime() throws Exception {
    commit(observation(cluster, "monitor-1", noon));
    assertThat(observations(noon.plusSeconds(86_400L * 365))).isEmpty();
  }

  private Map<String, String> primaries() throws TimeoutException {
    Map<String, GroupTopology> newest = log.topology(Broker.BOUND);
    newest.keySet().removeIf(key -> !key.startsWith(cluster + "/"));
    Map<String, String> primaries = new HashMap<>();
    newest.forEach((key, group) -> primaries.put(key, group.primary()));
    return primaries;
  }

  private List<String> events() throws TimeoutException {
    List<String> seen = new ArrayList<>();
    log.events(Broker.BOUND, event -> collect(event, seen));
    return seen;
  }

  private void collect(Envelope<Event> event, Collection<String> members) {
    if (event.cluster().equals(cluster) && event.data() instanceof NodeUp up) {
      members.add(up.member());
    }
  }

  private Map<String, Observation> observations(Instant since) throws TimeoutException {
    return log.observations(cluster, since, Broker.BOUND);
  }

  private ProducerRecord<String, byte[]> topology(int group, String primary) {
    GroupTopology topology =
        GroupTopology.steady(
            cluster,
            group,
            List.of(new MemberAddress(primary, "127.0.10.1", 7410)),
            new Epoch(1),
            new Timeline(1),
            primary,
            noon,
            Set.of());
    return record(Topics.TOPOLOGY, topology.key(), codec.write(topology));
  }

  private ProducerRecord<String, byte[]> event(String member) {
    Event event = new NodeUp(1, member, "monitor-1", true);
    byte[] value = codec.write(EventCodec.envelope("1", "test", noon, cluster, List.of(), event));
    return at(noon, record(Topics.EVENTS, cluster, value));
  }

  private ProducerRecord<String, byte[]> observation(String of, String observer, Instant at) {
    Observation observation = new Observation(observer, at, false, List.of());
    return at(
        at,
        record(Topics.OBSERVATIONS, of, codec.write(EventCodec.envelope("1", of, observation))));
  }

  private static ProducerRecord<String, byte[]> record(String topic, String key, byte[] value) {
    return new ProducerRecord<>(topic, key, value);
  }

  private static ProducerRecord<String, byte[]> at(
      Instant time, ProducerRecord<String, byte[]> row) {
    return new ProducerRecord<>(row.topic(), null, time.toEpochMilli(), row.key(), row.value());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @SafeVarargs
  private static void commit(ProducerRecord<String, byte[]>... rows) {
    try (KafkaProducer<String, byte[]> producer = transactional()) {
      producer.beginTransaction();
      List.of(rows).forEach(producer::send);
      producer.commitTransaction();
    }
  }

  @SafeVarargs
  private static void abort(ProducerRecord<String, byte[]>... rows) {
    try (KafkaProducer<String, byte[]> producer = transactional()) {
      producer.beginTransaction();
      List.of(rows).forEach(producer::send);
      producer.flush();
      producer.abortTransaction();
    }
  }

  private static KafkaProducer<String, byte[]> transactional() {
    KafkaProducer<String, byte[]> producer =
        new KafkaProducer<>(
            Map.of(
                "bootstrap.servers",
                kafka.bootstrapServers(),
                "transactional.id",
                UUID.randomUUID().toString()),
            new StringSerializer(),
            new ByteArraySerializer());
    producer.initTransactions();
    return producer;
  }
}
