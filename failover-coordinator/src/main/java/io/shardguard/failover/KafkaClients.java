package io.shardguard.failover;

import io.shardguard.events.Topics;
import io.smallrye.common.annotation.Identifier;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Kafka clients with the settings that the decision loop rests on. They are plain clients, since
 * fencing must be seen at once and the messaging framework's defaults hide it (decision
 * 2026-11-23-plain-kafka-clients-for-decisions).
 */
@ApplicationScoped
class KafkaClients {

  private static final String GROUP = "failover-coordinator";

  private final Map<String, Object> common;
  private final String instance = UUID.randomUUID().toString().substring(0, 8);
  private KafkaProducer<String, byte[]> dlq;

  @Inject
  KafkaClients(@Identifier("default-kafka-broker") Map<String, Object> common) {
    this.common = common;
  }

  /** Distinguishes this run of the service from every other. */
  String instance() {
    return instance;
  }

  String bootstrapServers() {
    return common.get(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG).toString();
  }

  /** Range assignment gives the same partition number of every topic to the same instance. */
  KafkaConsumer<String, byte[]> consumer() {
    Map<String, Object> settings = settings();
    settings.put(ConsumerConfig.GROUP_ID_CONFIG, GROUP);
    settings.put(
        ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG, RangeAssignor.class.getName());
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.FETCH_MIN_BYTES_CONFIG, 1);
    settings.put(ConsumerConfig.METADATA_MAX_AGE_CONFIG, 5_000);
    settings.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, 6_000);
    settings.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, 1_000);
    return new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer());
  }

  /** Whoever initialises the partition's producer next fences this one. */
  KafkaProducer<String, byte[]> transactionalProducer(int partition) {
    Map<String, Object> settings = settings();
    settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, GROUP + "-" + partition);
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    settings.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, 15_000);
    settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 15_000);
    settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 5_000);
    settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 15_000);
    settings.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 4L * 1024 * 1024);
    return new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer());
  }

  /** Keeps a record that could not be read, untouched, with the reason and its place in headers. */
  synchronized void toDlq(ConsumerRecord<String, byte[]> row, Exception reason) {
    if (dlq == null) {
      dlq = new KafkaProducer<>(settings(), new StringSerializer(), new ByteArraySerializer());
    }
    ProducerRecord<String, byte[]> copy =
        new ProducerRecord<>(
            row.topic() + Topics.DLQ_SUFFIX, null, row.key(), row.value(), row.headers());
    header(copy, "dead-letter-reason", String.valueOf(reason.getMessage()));
    header(copy, "dead-letter-topic", row.topic());
    header(copy, "dead-letter-partition", Integer.toString(row.partition()));
    header(copy, "dead-letter-offset", Long.toString(row.offset()));
    dlq.send(copy);
  }

  @PreDestroy
  synchronized void close() {
    if (dlq != null) {
      dlq.close(Duration.ofSeconds(2));
    }
  }

  private static void header(ProducerRecord<String, byte[]> row, String name, String value) {
    row.headers().add(name, value.getBytes(StandardCharsets.UTF_8));
  }

  private Map<String, Object> settings() {
    Map<String, Object> settings = new HashMap<>();
    settings.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers());
    return settings;
  }
}
