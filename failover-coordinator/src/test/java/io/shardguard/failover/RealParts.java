package io.shardguard.failover;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.shardguard.eventlog.KafkaTopics;
import io.shardguard.testkit.KafkaServer;
import io.shardguard.testkit.PostgresServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeoutException;

/** A real broker with the contract's topics, and a real pair of servers. */
public final class RealParts implements QuarkusTestResourceLifecycleManager {

  static KafkaServer kafka;
  static PostgresServer oldPrimary;
  static PostgresServer standby;
  private Path secrets;

  @Override
  public Map<String, String> start() {
    try {
      kafka = KafkaServer.started();
      KafkaTopics.createMissing(kafka.bootstrapServers(), (short) 1, Duration.ofSeconds(60));
      oldPrimary = PostgresServer.start("w-a");
      standby = oldPrimary.standby("w-b").start();
      secrets = Files.createTempDirectory("secrets");
      Files.writeString(secrets.resolve("postgres.password"), PostgresServer.PASSWORD);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (TimeoutException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return Map.of(
        "kafka.bootstrap.servers", kafka.bootstrapServers(),
        "shardguard.secrets-dir", secrets.toString(),
        "shardguard.failover.role", "postgres",
        "shardguard.failover.database", "postgres",
        "shardguard.failover.connect-within", "30s",
        "quarkus.http.test-port", "0");
  }

  @Override
  public void stop() {
    standby.close();
    oldPrimary.close();
    kafka.close();
    try {
      Files.delete(secrets.resolve("postgres.password"));
      Files.delete(secrets);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
