package io.shardguard.healthmonitor;

import static io.restassured.RestAssured.given;
import static io.restassured.RestAssured.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.shardguard.eventlog.EventPublisher;
import io.shardguard.eventlog.LogReader;
import io.shardguard.events.Diagnosis;
import io.shardguard.events.Event;
import io.shardguard.events.EventCodec;
import io.shardguard.events.MonitorEvent.NodeDown;
import io.shardguard.events.MonitorEvent.NodeUp;
import io.shardguard.events.MonitorEvent.ReplicationBroken;
import io.shardguard.events.MonitorEvent.ReplicationCaughtUp;
import io.shardguard.events.Observation;
import io.shardguard.events.Observation.Downstream;
import io.shardguard.events.Observation.MemberView;
import io.shardguard.events.Observation.Verdict;
import io.shardguard.events.ProvisionerEvent.MemberExited;
import io.shardguard.events.ProvisionerEvent.MemberStarted;
import io.shardguard.events.Topics;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The service against a real broker and real pairs of PostgreSQL servers; each test declares a pair
 * of its own.
 */
@QuarkusTest
@WithTestResource(KafkaResource.class)
class HealthMonitorTest {

  private static final Duration LONG = Duration.ofSeconds(60);

  @Inject EventPublisher publisher;

  @Inject MonitorConfig monitor;

  @ConfigProperty(name = "kafka.bootstrap.servers")
  String bootstrapServers;

  private MemberPair pair;

  @AfterEach
  void endThePair() {
    if (pair != null) {
      pair.close();
    }
  }

  @Test
  void aKilledPrimaryIsPublishedAsDownWithTheWordOfItsStandby() throws Exception {
    watched("killed-a", "killed-b");
    pair.primary().kill();
    NodeDown down = awaitEvent(NodeDown.class, e -> e.member().equals("killed-a"));
    assertThat(down.diagnosis()).isEqualTo(Diagnosis.CONNECTION_REFUSED_WITNESSED);
    assertThat(down.evidence()).anySatisfy(words -> assertThat(words).contains("refused"));
    assertThat(down.evidence())
        .anySatisfy(words -> assertThat(words).contains("walreceiver of killed-b"));
    awaitEvent(ReplicationBroken.class, e -> e.standby().equals("killed-b"));
    await().atMost(LONG).until(() -> verdict("killed-a").equals(Optional.of(Verdict.DOWN)));
    when().get("/members/killed-a/primary").then().statusCode(503).body("verdict", equalTo("DOWN"));
  }

  @Test
  void aMemberThatComesBackIsPublishedAsUpAgain() throws Exception {
    watched("back-a", "back-b");
    pair.standby().kill();
    awaitEvent(NodeDown.class, e -> e.member().equals("back-b"));
    pair.standby().start();
    await().atMost(LONG).until(() -> count(NodeUp.class, e -> e.member().equals("back-b")) == 2);
    await()
        .atMost(LONG)
        .until(() -> count(ReplicationCaughtUp.class, e -> e.standby().equals("back-b")) == 2);
    assertThat(count(NodeDown.class, e -> e.member().equals("back-b"))).isEqualTo(1);
  }

  @Test
  void aFrozenPostmasterIsNoDeathButIsSaid() throws Exception {
    watched("half-a", "half-b");
    pair.primary().freezePostmaster();
    await().atMost(LONG).until(() -> view("half-a").diagnosis() == Diagnosis.NO_NEW_SESSIONS);
    assertThat(view("half-a").verdict()).isEqualTo(Verdict.UP);
    assertThat(count(NodeDown.class, e -> e.member().equals("half-a"))).isZero();
    pair.primary().thaw();
    await().atMost(LONG).until(() -> view("half-a").diagnosis() == null);
  }

  @Test
  void aFrozenStandbyIsDownWhileItsWalsenderIsStillThere() throws Exception {
    watched("hung-a", "hung-b");
    pair.standby().freeze();
    NodeDown down = awaitEvent(NodeDown.class, e -> e.member().equals("hung-b"));
    assertThat(down.diagnosis()).isEqualTo(Diagnosis.SILENT_WITNESSED);
    awaitEvent(ReplicationBroken.class, e -> e.standby().equals("hung-b"));
    pair.standby().thaw();
    await().atMost(LONG).until(() -> count(NodeUp.class, e -> e.member().equals("hung-b")) == 2);
    await()
        .atMost(LONG)
        .until(() -> count(ReplicationCaughtUp.class, e -> e.standby().equals("hung-b")) == 2);
  }

  @Test
  void aFrozenPrimaryIsDownByTheWordOfItsStandby() throws Exception {
    watched("stuck-a", "stuck-b");
    pair.primary().freeze();
    NodeDown down = awaitEvent(NodeDown.class, e -> e.member().equals("stuck-a"));
    assertThat(down.diagnosis()).isEqualTo(Diagnosis.SILENT_WITNESSED);
  }

  /** Only the walreceiver stands still: the standby itself answers as ever. */
  @Test
  void aStandbyThatFlushesNothingIsSaidToBeStalledWhileItAnswers() throws Exception {
    watched("full-a", "full-b");
    pair.standby().freezeProcess("walreceiver");
    pair.primary().execute("postgres", "CREATE TABLE waits (n int)");
    await().atMost(LONG).until(() -> wasSeenStalled("full-a", "full-b"));
    awaitEvent(ReplicationBroken.class, e -> e.standby().equals("full-b"));
    assertThat(count(NodeDown.class, e -> e.member().equals("full-b"))).isZero();
    pair.standby().thaw();
    await()
        .atMost(LONG)
        .until(() -> count(ReplicationCaughtUp.class, e -> e.standby().equals("full-b")) == 2);
  }

  @Test
  void aMemberThatIsNotMadeYetIsNotPublishedAsDownUntilItWasStarted() throws Exception {
    pair = MemberPair.start("made-a", "made-b");
    pair.standby().kill();
    publisher.publish(pair.declaration(1)).await().atMost(LONG);
    awaitEvent(NodeUp.class, e -> e.member().equals("made-a"));
    await()
        .during(monitor.start().grace().plusSeconds(1))
        .atMost(LONG)
        .until(() -> view("made-b").verdict() == Verdict.UNKNOWN);
    publisher.publish(new MemberStarted(1, "made-b", 1)).await().atMost(LONG);
    awaitEvent(NodeDown.class, e -> e.member().equals("made-b"));
  }

  @Test
  void theEndOfAProcessThatTheRuntimeSawIsEnough() throws Exception {
    watched("exited-a", "exited-b");
    pair.standby().freeze();
    publisher.publish(new MemberExited(1, "exited-b", "exit code 137")).await().atMost(LONG);
    NodeDown down = awaitEvent(NodeDown.class, e -> e.member().equals("exited-b"));
    assertThat(down.diagnosis()).isEqualTo(Diagnosis.PROCESS_EXITED);
  }

  @Test
  void loadBalancersGetTheirAnswersByStatusCode() throws Exception {
    watched("asked-a", "asked-b");
    awaitEvent(ReplicationCaughtUp.class, e -> e.standby().equals("asked-b"));
    when().get("/members/asked-a/primary").then().statusCode(200).body("answer", equalTo(true));
    when()
        .get("/members/asked-a/standby")
        .then()
        .statusCode(503)
        .body("reason", equalTo("takes writes"));
    when().get("/members/asked-b/primary").then().statusCode(503);
    when().get("/members/asked-b/standby").then().statusCode(200);
    when().options("/members/asked-b/standby").then().statusCode(200);
    when().options("/members/asked-b/primary").then().statusCode(503);
    when().head("/members/asked-b/standby").then().statusCode(200);
    when().head("/members/asked-b/primary").then().statusCode(503);
    when().get("/members/asked-b/health").then().statusCode(200);
    given().queryParam("lag", "10MB").get("/members/asked-b/standby").then().statusCode(200);
    given()
        .queryParam("lag", "much")
        .get("/members/asked-b/standby")
        .then()
        .statusCode(400)
        .body("error", containsString("not a lag: 'much'"));
    when()
        .get("/members/nobody/health")
        .then()
        .statusCode(404)
        .body("error", containsString("asked-a"));
    when()
        .get("/members")
        .then()
        .statusCode(200)
        .body("member", equalTo(List.of("asked-a", "asked-b")))
        .body("[1].status.upstream.status", equalTo("streaming"));
  }

  @Test
  void itIsReadyOnceItWatchesAndMeasuresWhatItDoes() throws Exception {
    watched("ready-a", "ready-b");
    await().atMost(LONG).until(() -> when().get("/q/health/ready").statusCode() == 200);
    when().get("/q/health/live").then().statusCode(200);
    when()
        .get("/q/metrics")
        .then()
        .statusCode(200)
        .body(containsString("shardguard_probe_seconds_count{member=\"ready-a\"}"))
        .body(containsString("shardguard_member_verdict{member=\"ready-b\",verdict=\"UP\"} 1.0"))
        .body(containsString("shardguard_observations_total"));
  }

  @Test
  void aClusterThatWasDeclaredBeforeTheServiceStartedIsWatched() {
    await()
        .atMost(LONG)
        .until(() -> read(Topics.OBSERVATIONS).stream().anyMatch(row -> row.contains("early-a")));
  }

  @Test
  void unreadableRecordsGoToTheDlqAndTheServiceGoesOn() throws Exception {
    try (KafkaProducer<String, byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", bootstrapServers),
            new StringSerializer(),
            new ByteArraySerializer())) {
      producer.send(new ProducerRecord<>(Topics.EVENTS, "test", "not JSON".getBytes())).get();
      producer
          .send(
              new ProducerRecord<>(Topics.EVENTS, "test", "{\"type\":\"of tomorrow\"}".getBytes()))
          .get();
      String withoutGroup = "{\"cluster\":\"test\",\"members\":[],\"epoch\":9,\"eligible\":[]}";
      producer.send(new ProducerRecord<>(Topics.TOPOLOGY, "test/1", withoutGroup.getBytes())).get();
      await()
          .atMost(LONG)
          .until(() -> read(Topics.TOPOLOGY + Topics.DLQ_SUFFIX).contains(withoutGroup));
    }
    await().atMost(LONG).until(() -> read(Topics.EVENTS + Topics.DLQ_SUFFIX).contains("not JSON"));
    watched("after-a", "after-b");
    when().get("/q/metrics").then().body(containsString("shardguard_events_unknown_total"));
  }

  private void watched(String primary, String standby) throws Exception {
    pair = MemberPair.start(primary, standby);
    publisher.publish(pair.declaration(1)).await().atMost(LONG);
    awaitEvent(NodeUp.class, e -> e.member().equals(primary));
    awaitEvent(ReplicationCaughtUp.class, e -> e.standby().equals(standby));
  }

  private <T extends Event> T awaitEvent(Class<T> type, java.util.function.Predicate<T> which) {
    return await()
        .atMost(LONG)
        .until(() -> events(type).stream().filter(which).findFirst(), Optional::isPresent)
        .orElseThrow();
  }

  private <T extends Event> long count(Class<T> type, java.util.function.Predicate<T> which)
      throws Exception {
    return events(type).stream().filter(which).count();
  }

  private <T extends Event> List<T> events(Class<T> type) throws Exception {
    List<T> found = new ArrayList<>();
    new LogReader(bootstrapServers)
        .events(
            LONG,
            envelope -> {
              if (type.isInstance(envelope.data())) {
                found.add(type.cast(envelope.data()));
              }
            });
    return found;
  }

  private Optional<Verdict> verdict(String member) throws Exception {
    return newest().of(member).map(MemberView::verdict);
  }

  private boolean wasSeenStalled(String primary, String standby) throws Exception {
    for (String row : read(Topics.OBSERVATIONS)) {
      Observation observation = new EventCodec().readObservation(row.getBytes()).data();
      boolean stalled =
          observation
              .of(primary)
              .map(MemberView::status)
              .flatMap(status -> status.downstream(standby))
              .map(Downstream::stalledMillis)
              .filter(millis -> millis >= monitor.replication().stalledAfter().toMillis())
              .isPresent();
      if (stalled) {
        return true;
      }
    }
    return false;
  }

  /** The newest published view of a member that is watched. */
  private MemberView view(String member) throws Exception {
    return newest().of(member).orElseThrow();
  }

  private Observation newest() throws Exception {
    List<String> written = read(Topics.OBSERVATIONS);
    return new EventCodec().readObservation(written.getLast().getBytes()).data();
  }

  private List<String> read(String topic) {
    List<String> rows = new ArrayList<>();
    try (KafkaConsumer<String, byte[]> consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", bootstrapServers),
            new StringDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(p -> new TopicPartition(topic, p.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (ends.entrySet().stream()
          .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        consumer.poll(Duration.ofMillis(200)).forEach(row -> rows.add(new String(row.value())));
      }
    }
    return rows;
  }
}
