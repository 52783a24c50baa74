package io.shardguard.lbconfigurator;

import static io.restassured.RestAssured.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.shardguard.eventlog.LogReader;
import io.shardguard.events.Envelope;
import io.shardguard.events.Event;
import io.shardguard.events.EventCodec;
import io.shardguard.events.GroupTopology;
import io.shardguard.events.LoadBalancerEvent.LoadBalancerConfigured;
import io.shardguard.events.ProvisionerEvent.ClusterDeclared;
import io.shardguard.events.ProvisionerEvent.Engine;
import io.shardguard.events.Topics;
import io.shardguard.lbconfigurator.core.Groups;
import io.shardguard.lbconfigurator.haproxy.Client;
import io.shardguard.lbconfigurator.haproxy.EchoMember;
import io.shardguard.lbconfigurator.haproxy.HaproxyProcess;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

/**
 * The service as a whole, between a real Kafka and a real HAProxy; one incident from beginning to
 * end.
 */
@QuarkusTest
@WithTestResource(Surroundings.class)
class LbConfiguratorTest {

  private static final Duration BOUND = Duration.ofSeconds(60);

  @ConfigProperty(name = "kafka.bootstrap.servers")
  String bootstrapServers;

  HaproxyProcess haproxy;

  @Test
  void takesClientsToTheNewPrimaryAndKeepsThemThere() throws Exception {
    try (EchoMember a = new EchoMember("coordinator-a");
        EchoMember b = new EchoMember("coordinator-b");
        KafkaProducer<String, byte[]> log = producer()) {
      // A file is there before any topology is: HAProxy can be started.
      await().atMost(BOUND).until(() -> Files.exists(haproxy.directory.resolve("haproxy.cfg")));
      assertThat(get("/q/health/ready").statusCode()).isEqualTo(503);
      haproxy.start();

      declareCitus(log);
      GroupTopology before = Groups.quiet(0, a.name, a.address(), b.address());
      decide(log, before);
      awaitPrimary(a);
      awaitReady();

      GroupTopology after = Groups.degraded(Groups.quiet(0, b.name, a.address(), b.address()));
      try (Client session = new Client(haproxy.writePort)) {
        assertThat(session.whoAnswers()).isEqualTo(a.name);
        decide(
            log, Groups.failingOver(before, new GroupTopology.Sealing(Set.of(b.name), Map.of())));
        await().atMost(BOUND).until(() -> session.whoAnswers() == null);
        long decided = System.nanoTime();
        decide(log, after);
        awaitPrimary(b);
        System.out.println(
            "topology record to new primary: " + (System.nanoTime() - decided) / 1_000_000 + " ms");
      }

      awaitReady();
      await().atMost(BOUND).until(() -> hash("wanted").equals(hash("running")));
      assertThat(get("/config").asString())
          .contains("server coordinator-b")
          .contains(hash("running"));
      assertThat(get("/routes").jsonPath().getMap("primaries")).isEqualTo(Map.of("0", b.name));
      await().atMost(BOUND).until(() -> configured().stream().anyMatch(e -> e.cut() == 1));
      await()
          .atMost(BOUND)
          .until(() -> configured().getLast().primaries().equals(Map.of(0, b.name)));
      assertThat(deadLetters(1)).containsExactly(Surroundings.UNREADABLE);

      String torn = "{\"cluster\":\"fleet\",\"group\":0,\"members\":[]";
      String later = later(after);
      send(log, torn.getBytes(StandardCharsets.UTF_8));
      send(log, later.getBytes(StandardCharsets.UTF_8));
      send(log, "{}".getBytes(StandardCharsets.UTF_8));
      await().atMost(BOUND).until(() -> trouble(0) != null && trouble(7) != null);
      assertThat(deadLetters(4)).endsWith(torn, later, "{}");
      assertThat(Client.whoAnswers(haproxy.writePort)).isEqualTo(b.name);
      assertThat(get("/routes").jsonPath().getMap("primaries")).isEqualTo(Map.of("0", b.name));
      decide(log, before);
      awaitPrimary(a);
      await().atMost(BOUND).until(() -> trouble(0) == null);
      decide(log, after);
      awaitPrimary(b);

      haproxy.kill();
      await().atMost(BOUND).until(() -> get("/q/health/ready").statusCode() == 503);
      haproxy.start();
      awaitPrimary(b);
      awaitReady();
    }
  }

  private void awaitPrimary(EchoMember member) {
    await()
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(5))
        .atMost(BOUND)
        .until(() -> member.name.equals(Client.whoAnswers(haproxy.writePort)));
  }

  private static void awaitReady() {
    await().atMost(BOUND).until(() -> get("/q/health/ready").statusCode() == 200);
  }

  private static String hash(String which) {
    return get("/q/health/ready")
        .jsonPath()
        .getString("checks.find { it.name == 'routes in force' }.data." + which);
  }

  private List<LoadBalancerConfigured> configured() throws Exception {
    List<LoadBalancerConfigured> found = new ArrayList<>();
    new LogReader(bootstrapServers)
        .events(
            BOUND,
            envelope -> {
              if (envelope.data() instanceof LoadBalancerConfigured event) {
                found.add(event);
              }
            });
    return found;
  }

  /** What readiness says of a group whose newest record cannot be read; null if it can. */
  private static String trouble(int group) {
    return get("/q/health/ready")
        .jsonPath()
        .getString("checks.find { it.name == 'routes in force' }.data.'group %d'".formatted(group));
  }

  /** The same group as a later version might write it, in a step that this one does not know. */
  private static String later(GroupTopology group) {
    GroupTopology promoting =
        Groups.failingOver(group, new GroupTopology.Promoting("coordinator-a"));
    return new String(new EventCodec().write(promoting), StandardCharsets.UTF_8)
        .replace("\"promoting\"", "\"handing-over\"");
  }

  private static void send(KafkaProducer<String, byte[]> log, byte[] value) throws Exception {
    log.send(new ProducerRecord<>(Topics.TOPOLOGY, "fleet/0", value)).get(60, TimeUnit.SECONDS);
  }

  private List<String> deadLetters(int count) {
    try (KafkaConsumer<String, byte[]> consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", bootstrapServers),
            new StringDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          List.of(new TopicPartition(Topics.TOPOLOGY + Topics.DLQ_SUFFIX, 0));
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      List<String> found = new ArrayList<>();
      await()
          .atMost(BOUND)
          .until(() -> {
            consumer
                .poll(Duration.ofMillis(100))
                .forEach(row -> found.add(new String(row.value(), StandardCharsets.UTF_8)));
            return found.size() >= count;
          });
      return found;
    }
  }

  private static void declareCitus(KafkaProducer<String, byte[]> log) throws Exception {
    Envelope<Event> declared =
        EventCodec.envelope(
            "d-1",
            "provisioner",
            Instant.EPOCH,
            "fleet",
            List.of(),
            new ClusterDeclared(List.of(), Engine.CITUS, "13"));
    log.send(new ProducerRecord<>(Topics.EVENTS, "fleet", new EventCodec().write(declared)))
        .get(60, TimeUnit.SECONDS);
  }

  private static void decide(KafkaProducer<String, byte[]> log, GroupTopology state)
      throws Exception {
    log.send(new ProducerRecord<>(Topics.TOPOLOGY, state.key(), new EventCodec().write(state)))
        .get(60, TimeUnit.SECONDS);
  }

  private KafkaProducer<String, byte[]> producer() {
    return new KafkaProducer<>(
        Map.of("bootstrap.servers", bootstrapServers, "linger.ms", "0"),
        new StringSerializer(),
        new ByteArraySerializer());
  }
}
