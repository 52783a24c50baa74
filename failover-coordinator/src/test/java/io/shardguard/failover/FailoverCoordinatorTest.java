package io.shardguard.failover;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasItem;

import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.shardguard.eventlog.CommittedLog;
import io.shardguard.eventlog.LogExport;
import io.shardguard.eventlog.LogReader;
import io.shardguard.events.Command;
import io.shardguard.events.Command.Pause;
import io.shardguard.events.Envelope;
import io.shardguard.events.Epoch;
import io.shardguard.events.Event;
import io.shardguard.events.EventCodec;
import io.shardguard.events.GroupTopology;
import io.shardguard.events.Observation;
import io.shardguard.events.OperatorEvent.CommandRefused;
import io.shardguard.events.ProvisionerEvent.MemberFenced;
import io.shardguard.events.Timeline;
import io.shardguard.events.Topics;
import io.shardguard.events.TransitionEvent.MetadataUpdated;
import io.shardguard.events.TransitionEvent.OldPrimaryEnded;
import io.shardguard.events.TransitionEvent.PromotionStarted;
import io.shardguard.events.TransitionEvent.StandbyPromoted;
import io.shardguard.events.TransitionEvent.StandbySealed;
import io.shardguard.events.TransitionEvent.TransitionCompleted;
import io.shardguard.events.TransitionEvent.TransitionStarted;
import io.shardguard.events.TransitionEvent.TwoPhaseRecovered;
import io.shardguard.failover.replay.Judgement;
import io.shardguard.failover.replay.LogFile;
import io.shardguard.failover.replay.LogStart;
import io.shardguard.failover.replay.Replay;
import io.shardguard.failover.replay.ReplayOptions;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The service on a real broker and a real pair; the test plays health-monitor and provisioner. */
@QuarkusTest
@WithTestResource(RealParts.class)
class FailoverCoordinatorTest {

  private static final Duration GENEROUS = Duration.ofSeconds(90);
  private static final String CLUSTER = "demo";
  private static final EventCodec CODEC = new EventCodec();
  private static KafkaProducer<String, byte[]> producer;
  private static LogReader log;

  @BeforeAll
  static void connect() {
    String servers = RealParts.kafka.bootstrapServers();
    producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", servers),
            new StringSerializer(),
            new ByteArraySerializer());
    log = new LogReader(servers);
  }

  @AfterAll
  static void disconnect() {
    producer.close();
  }

  @Test
  void aStandbyTakesOverOnceThePrimaryIsDownAndItsEndIsAFact() throws Exception {
    GroupTopology before = pair();
    write(Topics.TOPOLOGY, CLUSTER + "/1", CODEC.write(before));
    write(Topics.EVENTS, CLUSTER, "not a record".getBytes(StandardCharsets.UTF_8));
    RealParts.oldPrimary.kill();

    await().atMost(GENEROUS).until(() -> observed(TransitionStarted.class).isPresent());
    await().atMost(GENEROUS).until(() -> observed(StandbyPromoted.class).isPresent());
    assertThat(RealParts.standby.value("postgres", "SELECT pg_is_in_recovery()")).isEqualTo("f");
    assertThat(events(MetadataUpdated.class))
        .as("nobody is told before the old primary's end")
        .isEmpty();

    TransitionStarted started = events(TransitionStarted.class).get(0);
    MemberFenced fenced = new MemberFenced(1, "w-a", started.transition(), 3);
    write(
        Topics.EVENTS,
        CLUSTER,
        CODEC.write(
            EventCodec.envelope("f", "provisioner", Instant.now(), CLUSTER, List.of(), fenced)));
    await().atMost(GENEROUS).until(() -> observed(TransitionCompleted.class).isPresent());

    List<Class<?>> order = new ArrayList<>();
    allEvents().forEach(e -> order.add(e.data().getClass()));
    assertThat(order)
        .containsSubsequence(
            TransitionStarted.class,
            StandbySealed.class,
            PromotionStarted.class,
            StandbyPromoted.class,
            MemberFenced.class,
            OldPrimaryEnded.class,
            MetadataUpdated.class,
            TwoPhaseRecovered.class,
            TransitionCompleted.class);
    GroupTopology after = log.topology(GENEROUS).get(CLUSTER + "/1");
    assertThat(after.primary()).isEqualTo("w-b");
    assertThat(after.epoch()).isEqualTo(new Epoch(2));
    assertThat(after.timeline()).isEqualTo(new Timeline(2));
    assertThat(after.transition()).isNull();

    assertThat(replayed(before))
        .as("the events alone decide again as they did")
        .hasSizeGreaterThan(5)
        .allMatch(judgement -> judgement.outcome() == Judgement.Outcome.SAME);

    assertThat(deadLetters(Topics.EVENTS))
        .as("bytes that do not parse are kept, and stop nobody")
        .containsOnlyKeys("not a record");
    given().get("/q/health/ready").then().statusCode(200);
    given().get("/clusters").then().statusCode(200);
    given()
        .get("/clusters/demo/explain?transition=" + started.transition())
        .then()
        .statusCode(200)
        .body("[0].title", containsString("failover from w-a to w-b, epoch 2"))
        .body("[0].sections.heading", hasItem("How long each phase took"));
    given().get("/clusters/demo/explain?transition=g1-e9-1").then().statusCode(404);
    given().get("/clusters/demo/explain?at=yesterday").then().statusCode(400);
  }

  @Test
  void whatCannotBeDecidedOnIsAnsweredOrPutAsideWithItsReason() throws Exception {
    String other = "of-somebody-else";
    Observation tomorrow =
        new Observation("m9", Instant.now().plus(Duration.ofDays(1)), false, List.of());
    byte[] fromTheFuture = CODEC.write(EventCodec.envelope("o9", other, tomorrow));
    write(Topics.OBSERVATIONS, other, fromTheFuture);
    byte[] noLsn =
        text(CODEC.write(EventCodec.envelope("o1", other, observation())))
            .replace("\"0/0\"", "\"0/G\"")
            .getBytes(StandardCharsets.UTF_8);
    write(Topics.OBSERVATIONS, other, noLsn);
    byte[] unknown =
        text(command("c9", other, new Pause(1)))
            .replace("pause.v1", "pause.v9")
            .getBytes(StandardCharsets.UTF_8);
    write(Topics.COMMANDS, other, unknown);
    write(Topics.COMMANDS, other, command("c1", other, new Pause(99)));

    await().atMost(GENEROUS).until(() -> !events(CommandRefused.class).isEmpty());
    assertThat(events(CommandRefused.class))
        .singleElement()
        .satisfies(refused -> assertThat(refused.reason()).isEqualTo("there is no group 99"));
    await()
        .atMost(GENEROUS)
        .untilAsserted(() -> {
          assertThat(deadLetters(Topics.OBSERVATIONS))
              .containsOnlyKeys(text(fromTheFuture), text(noLsn));
          assertThat(deadLetters(Topics.OBSERVATIONS).get(text(fromTheFuture)))
              .contains("in the future");
          assertThat(deadLetters(Topics.OBSERVATIONS).get(text(noLsn))).contains("not an LSN");
          assertThat(deadLetters(Topics.COMMANDS).get(text(unknown)))
              .contains("not a command that this version knows");
        });
  }

  private static byte[] command(String id, String cluster, Command command) {
    return CODEC.write(EventCodec.envelope(id, "cli/test", Instant.now(), cluster, command));
  }

  private static String text(byte[] value) {
    return new String(value, StandardCharsets.UTF_8);
  }

  @Test
  void aFencedInstanceCommitsNothing() {
    try (KafkaProducer<String, byte[]> zombie = transactional();
        KafkaProducer<String, byte[]> successor = transactional()) {
      zombie.initTransactions();
      DecisionTransaction transaction = new DecisionTransaction(zombie, () -> null);
      transaction.commit(List.of(), List.of());
      successor.initTransactions();

      ProducerRecord<String, byte[]> row =
          new ProducerRecord<>(Topics.COMMANDS, CLUSTER, new byte[0]);
      assertThatThrownBy(() -> transaction.commit(List.of(row), List.of()))
          .isInstanceOfAny(ProducerFencedException.class, InvalidProducerEpochException.class);
    }
  }

  private static KafkaProducer<String, byte[]> transactional() {
    return new KafkaProducer<>(
        Map.of("bootstrap.servers", RealParts.kafka.bootstrapServers(), "transactional.id", "test"),
        new StringSerializer(),
        new ByteArraySerializer());
  }

  /** The observer reports again and again, as it does, until the event is there. */
  private static <T extends Event> Optional<T> observed(Class<T> type) throws Exception {
    Observation observation = observation();
    write(
        Topics.OBSERVATIONS,
        CLUSTER,
        CODEC.write(
            EventCodec.envelope("o" + observation.at().toEpochMilli(), CLUSTER, observation)));
    return events(type).stream().findFirst();
  }

  private static Observation observation() {
    return DeadPrimary.seen(
        "f".equals(RealParts.standby.value("postgres", "SELECT pg_is_in_recovery()")));
  }

  private static GroupTopology pair() {
    return DeadPrimary.pair(CLUSTER, RealParts.oldPrimary, RealParts.standby);
  }

  private static <T extends Event> List<T> events(Class<T> type) throws Exception {
    return allEvents().stream()
        .map(Envelope::data)
        .filter(type::isInstance)
        .map(type::cast)
        .toList();
  }

  private static List<Envelope<Event>> allEvents() throws Exception {
    List<Envelope<Event>> all = new ArrayList<>();
    log.events(GENEROUS, all::add);
    return all;
  }

  /** The reasons, by what was put aside. */
  private static Map<String, String> deadLetters(String topic) throws Exception {
    Map<String, String> reasons = new HashMap<>();
    new CommittedLog(RealParts.kafka.bootstrapServers())
        .readToEnd(
            topic + Topics.DLQ_SUFFIX,
            null,
            GENEROUS,
            row ->
                reasons.put(
                    text(row.value()),
                    text(row.headers().lastHeader("dead-letter-reason").value())));
    return reasons;
  }

  private static List<Judgement> replayed(GroupTopology before) throws Exception {
    LogStart start = new LogStart(List.of(before), List.of());
    StringWriter lines = new StringWriter();
    lines.write(LogFile.head(CLUSTER, Instant.now(), null, null, start) + "\n");
    long records =
        new LogExport(RealParts.kafka.bootstrapServers(), CLUSTER)
            .write(List.of(Topics.EVENTS), null, null, GENEROUS, lines);
    lines.write(LogFile.end(records));
    return Replay.of(LogFile.read(lines.toString().lines().iterator()), ReplayOptions.EVERYTHING);
  }

  private static void write(String topic, String key, byte[] value) throws Exception {
    producer.send(new ProducerRecord<>(topic, key, value)).get();
  }
}
