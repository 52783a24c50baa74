package io.shardguard.lbconfigurator;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.shardguard.eventlog.KafkaTopics;
import io.shardguard.events.Topics;
import io.shardguard.lbconfigurator.haproxy.HaproxyProcess;
import io.shardguard.testkit.KafkaServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/** A real Kafka, and the place of a HAProxy that the test starts once its file is there. */
public class Surroundings implements QuarkusTestResourceLifecycleManager {

  /** Lies in the topology from the beginning: it must stop nothing. */
  static final String UNREADABLE = "{nonsense";

  private KafkaServer kafka;
  private HaproxyProcess haproxy;

  @Override
  public Map<String, String> start() {
    try {
      kafka = KafkaServer.started();
      KafkaTopics.createMissing(kafka.bootstrapServers(), (short) 1, Duration.ofSeconds(60));
      putUnreadableRecord();
      haproxy = new HaproxyProcess();
      return Map.of(
          "kafka.bootstrap.servers", kafka.bootstrapServers(),
          "shardguard.cluster", "fleet",
          "shardguard.haproxy.dir", haproxy.directory.toString(),
          "shardguard.haproxy.write-port", Integer.toString(haproxy.writePort),
          "shardguard.haproxy.read-port", Integer.toString(haproxy.readPort),
          "shardguard.haproxy.any-port", Integer.toString(haproxy.anyPort),
          "shardguard.haproxy.stats-port", Integer.toString(haproxy.statsPort),
          "shardguard.haproxy.deadline", "30s");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (TimeoutException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void putUnreadableRecord() {
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", kafka.bootstrapServers()),
            new StringSerializer(),
            new StringSerializer())) {
      producer.send(new ProducerRecord<>(Topics.TOPOLOGY, "fleet/7", UNREADABLE));
    }
  }

  @Override
  public void inject(TestInjector injector) {
    injector.injectIntoFields(haproxy, new TestInjector.MatchesType(HaproxyProcess.class));
  }

  @Override
  public void stop() {
    try {
      if (haproxy != null) {
        haproxy.close();
      }
      if (kafka != null) {
        kafka.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
