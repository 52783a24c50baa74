package io.shardguard.failover;

import io.shardguard.events.Envelope.Cause;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/** Commits a decision: its events, the changed topology and the input's offset, all or nothing. */
final class DecisionTransaction {

  private final Producer<String, byte[]> producer;
  private final Supplier<ConsumerGroupMetadata> group;

  DecisionTransaction(Producer<String, byte[]> producer, Supplier<ConsumerGroupMetadata> group) {
    this.producer = producer;
    this.group = group;
  }

  /**
   * Commits. A transaction without records is committed too: it shows that this instance still owns
   * the cluster.
   *
   * @param cause the input whose offset is passed; empty if the input was no record
   * @throws org.apache.kafka.common.errors.ProducerFencedException or {@link
   *     org.apache.kafka.common.errors.InvalidProducerEpochException} if another instance took over
   * @throws org.apache.kafka.common.KafkaException if Kafka did not take it, or did not say so
   */
  void commit(List<ProducerRecord<String, byte[]>> records, Optional<Cause> cause) {
    producer.beginTransaction();
    records.forEach(producer::send);
    cause.ifPresent(read ->
        producer.sendOffsetsToTransaction(
            Map.of(
                new TopicPartition(read.topic(), read.partition()),
                new OffsetAndMetadata(read.offset() + 1)),
            group.get()));
    producer.commitTransaction();
  }
}
