package io.shardguard.healthmonitor;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.shardguard.eventlog.KafkaTopics;
import io.shardguard.events.EventCodec;
import io.shardguard.events.MemberAddress;
import io.shardguard.events.ProvisionerEvent.ClusterDeclared;
import io.shardguard.events.ProvisionerEvent.Engine;
import io.shardguard.events.ProvisionerEvent.Group;
import io.shardguard.events.Topics;
import io.shardguard.testkit.KafkaServer;
import io.shardguard.testkit.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** A broker with the contract's topics and a declared cluster, and the monitor's password. */
public class KafkaResource implements QuarkusTestResourceLifecycleManager {

  private KafkaServer kafka;

  @Override
  public Map<String, String> start() {
    try {
      kafka = KafkaServer.started();
      KafkaTopics.createMissing(kafka.bootstrapServers(), (short) 1, Duration.ofSeconds(60));
      declareBeforeTheServiceStarts();
      Path secrets = Files.createTempDirectory("secrets");
      Path password = secrets.resolve("shardguard_monitor.password");
      Files.writeString(password, PostgresServer.PASSWORD + "\n");
      password.toFile().deleteOnExit();
      secrets.toFile().deleteOnExit();
      return Map.of(
          "kafka.bootstrap.servers",
          kafka.bootstrapServers(),
          "shardguard.cluster",
          "test",
          "shardguard.monitor.start.grace",
          "3s",
          "shardguard.secrets-dir",
          secrets.toString());
    } catch (Exception e) {
      throw new IllegalStateException("no broker for the tests", e);
    }
  }

  private void declareBeforeTheServiceStarts() throws Exception {
    List<MemberAddress> members = List.of(new MemberAddress("early-a", "127.0.0.1", 1));
    ClusterDeclared declared =
        new ClusterDeclared(List.of(new Group(1, members)), Engine.STAND_IN, "test");
    byte[] record =
        new EventCodec()
            .write(
                EventCodec.envelope(
                    "early", "provisioner", Instant.now(), "test", List.of(), declared));
    try (KafkaProducer<String, byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", kafka.bootstrapServers()),
            new StringSerializer(),
            new ByteArraySerializer())) {
      producer.send(new ProducerRecord<>(Topics.EVENTS, "test", record)).get();
    }
  }

  @Override
  public void stop() {
    if (kafka != null) {
      kafka.close();
    }
  }
}
