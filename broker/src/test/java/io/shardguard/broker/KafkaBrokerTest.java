package io.shardguard.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.shardguard.eventlog.LogReader;
import io.shardguard.events.Epoch;
import io.shardguard.events.EventCodec;
import io.shardguard.events.GroupTopology;
import io.shardguard.events.Topics;
import io.shardguard.testkit.FreePorts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The broker as the process that it is in production, with the heap that it gets there. */
class KafkaBrokerTest {

  private static final Duration BOUND = Duration.ofSeconds(90);
  private static final String ADDRESS = "127.0.0.1";

  @TempDir Path scratch;

  private final int port = FreePorts.on(ADDRESS);
  private final int controllerPort = FreePorts.on(ADDRESS);
  private Process broker;

  @AfterEach
  void end() throws InterruptedException {
    if (broker != null) {
      broker.destroyForcibly().waitFor();
    }
  }

  @Test
  void whatWasAcknowledgedOutlivesAKillOfTheProcess() throws Exception {
    startAndAwaitReady();
    assertThat(topics()).containsAll(Topics.all().stream().map(Topics.Spec::name).toList());
    decide();
    broker.destroyForcibly().waitFor();

    startAndAwaitReady();
    assertThat(new LogReader(bootstrapServers()).topology(BOUND)).containsOnlyKeys("fleet/0");
  }

  @Test
  void stopsCleanlyOnSigterm() throws Exception {
    startAndAwaitReady();
    broker.destroy();
    assertThat(broker.waitFor(BOUND.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(scratch.resolve("kafka/.kafka_cleanshutdown")).exists();
  }

  @Test
  void saysThatItsPortIsTakenAndExits() throws Exception {
    try (ServerSocket taken = new ServerSocket(port, 1, InetAddress.getByName(ADDRESS))) {
      start();
      assertThat(broker.waitFor(BOUND.toSeconds(), TimeUnit.SECONDS)).isTrue();
      assertThat(broker.exitValue()).isEqualTo(1);
      assertThat(output()).contains("Kafka did not start").contains("already in use");
      assertThat(taken.isClosed()).isFalse();
    }
  }

  private void decide() throws Exception {
    GroupTopology group =
        GroupTopology.steady("fleet", 0, List.of(), new Epoch(1), null, null, null, Set.of());
    try (KafkaProducer<String, byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", bootstrapServers(), "acks", "all"),
            new StringSerializer(),
            new ByteArraySerializer())) {
      producer
          .send(new ProducerRecord<>(Topics.TOPOLOGY, group.key(), new EventCodec().write(group)))
          .get(BOUND.toSeconds(), TimeUnit.SECONDS);
    }
  }

  private Set<String> topics() throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers()))) {
      return admin.listTopics().names().get(BOUND.toSeconds(), TimeUnit.SECONDS);
    }
  }

  private void startAndAwaitReady() throws IOException {
    start();
    await()
        .atMost(BOUND)
        .failFast("the broker ended", () -> !broker.isAlive())
        .until(() -> output().contains("READY " + bootstrapServers()));
  }

  private void start() throws IOException {
    broker =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx96m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                KafkaBroker.class.getName(),
                "--data",
                scratch.resolve("kafka").toString(),
                "--address",
                ADDRESS,
                "--port",
                Integer.toString(port),
                "--controller-port",
                Integer.toString(controllerPort))
            .redirectErrorStream(true)
            .redirectOutput(scratch.resolve("log").toFile())
            .start();
  }

  private String output() throws IOException {
    return Files.readString(scratch.resolve("log"));
  }

  private String bootstrapServers() {
    return ADDRESS + ":" + port;
  }
}
