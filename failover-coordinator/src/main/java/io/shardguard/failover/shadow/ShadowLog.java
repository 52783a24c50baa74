package io.shardguard.failover.shadow;

import io.shardguard.events.Basis;
import io.shardguard.events.Envelope;
import io.shardguard.events.Event;
import io.shardguard.events.EventCodec;
import io.shardguard.events.Topics;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** The shadow's one way out: its own topic, without transactions. */
final class ShadowLog implements AutoCloseable {

  private static final int WITHIN_MILLIS = 10_000;

  private final EventCodec codec = new EventCodec();
  private final KafkaProducer<String, byte[]> producer;

  ShadowLog(String bootstrapServers) {
    producer =
        new KafkaProducer<>(
            Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers,
                ProducerConfig.ACKS_CONFIG, "all",
                ProducerConfig.MAX_BLOCK_MS_CONFIG, WITHIN_MILLIS,
                ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, WITHIN_MILLIS / 2,
                ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, WITHIN_MILLIS),
            new StringSerializer(),
            new ByteArraySerializer());
  }

  /**
   * Writes an event, and waits until Kafka has it.
   *
   * @param basis of the decision that begins with it
   * @throws TimeoutException if Kafka does not answer in time
   */
  void write(Envelope<Event> event, Optional<Basis> basis)
      throws TimeoutException, InterruptedException {
    byte[] value = basis.map(b -> codec.write(event, b)).orElseGet(() -> codec.write(event));
    try {
      producer
          .send(new ProducerRecord<>(Topics.SHADOW_EVENTS, event.cluster(), value))
          .get(WITHIN_MILLIS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      TimeoutException late =
          new TimeoutException("Kafka did not take what was decided: " + e.getCause().getMessage());
      late.initCause(e);
      throw late;
    }
  }

  @Override
  public void close() {
    producer.close(java.time.Duration.ofSeconds(2));
  }
}
