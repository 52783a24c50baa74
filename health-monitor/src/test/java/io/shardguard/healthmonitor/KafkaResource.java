package io.shardguard.healthmonitor;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.shardguard.eventlog.KafkaTopics;
import io.shardguard.testkit.KafkaServer;
import io.shardguard.testkit.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** A broker with the contract's topics, and the monitor's password. */
public class KafkaResource implements QuarkusTestResourceLifecycleManager {

  private KafkaServer kafka;

  @Override
  public Map<String, String> start() {
    try {
      kafka = KafkaServer.started();
      KafkaTopics.createMissing(kafka.bootstrapServers(), (short) 1, Duration.ofSeconds(60));
      Path secrets = Files.createTempDirectory("secrets");
      Path password = secrets.resolve("shardguard_monitor.password");
      Files.writeString(password, PostgresServer.PASSWORD + "\n");
      password.toFile().deleteOnExit();
      secrets.toFile().deleteOnExit();
      return Map.of(
          "kafka.bootstrap.servers", kafka.bootstrapServers(),
          "shardguard.cluster", "test",
          "shardguard.secrets-dir", secrets.toString());
    } catch (Exception e) {
      throw new IllegalStateException("no broker for the tests", e);
    }
  }

  @Override
  public void stop() {
    if (kafka != null) {
      kafka.close();
    }
  }
}
