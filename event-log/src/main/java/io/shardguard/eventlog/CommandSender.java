package io.shardguard.eventlog;

import io.shardguard.events.Command;
import io.shardguard.events.Envelope;
import io.shardguard.events.Envelope.Cause;
import io.shardguard.events.EventCodec;
import io.shardguard.events.Topics;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Puts operators' commands into the log. */
public final class CommandSender implements AutoCloseable {

  private final EventCodec codec = new EventCodec();
  private final Duration deadline;
  private final KafkaProducer<String, byte[]> producer;

  /**
   * A sender to the given broker.
   *
   * @param deadline for each command
   */
  public CommandSender(String bootstrapServers, Duration deadline) {
    int millis = Math.toIntExact(deadline.toMillis());
    this.deadline = deadline;
    this.producer =
        new KafkaProducer<>(
            Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers,
                ProducerConfig.ACKS_CONFIG,
                "all",
                ProducerConfig.LINGER_MS_CONFIG,
                0,
                ProducerConfig.MAX_BLOCK_MS_CONFIG,
                millis,
                ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                millis,
                ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                millis),
            new StringSerializer(),
            new ByteArraySerializer());
  }

  /**
   * Sends a command.
   *
   * @return its place: the events that answer it name it among their causes
   * @throws TimeoutException if Kafka did not say in time that it has it: it may have it all the
   *     same
   * @throws IllegalStateException if Kafka refused it
   */
  public Cause send(Envelope<Command> command) throws TimeoutException, InterruptedException {
    try {
      RecordMetadata place =
          producer
              .send(new ProducerRecord<>(Topics.COMMANDS, command.cluster(), codec.write(command)))
              .get(deadline.toMillis(), TimeUnit.MILLISECONDS);
      return new Cause(place.topic(), place.partition(), place.offset());
    } catch (ExecutionException e) {
      if (e.getCause() instanceof org.apache.kafka.common.errors.TimeoutException) {
        throw new TimeoutException("Kafka did not take the command: " + e.getCause().getMessage());
      }
      throw new IllegalStateException(
          "Kafka refused the command: " + e.getCause().getMessage(), e.getCause());
    }
  }

  @Override
  public void close() {
    producer.close(Duration.ZERO);
  }
}
