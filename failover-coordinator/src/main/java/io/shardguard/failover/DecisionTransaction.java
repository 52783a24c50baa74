package io.shardguard.failover;

import io.shardguard.events.Envelope.Cause;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Commits decisions: their events, the changed topology and the inputs' offsets, all or nothing.
 */
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
   * @param read the inputs whose offsets are passed, in the order in which they were read
   * @throws org.apache.kafka.common.errors.ProducerFencedException or {@link
   *     org.apache.kafka.common.errors.InvalidProducerEpochException} if another instance took over
   * @throws org.apache.kafka.common.KafkaException if Kafka did not take it, or did not say so
   */
  void commit(List<ProducerRecord<String, byte[]>> records, List<Cause> read) {
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    read.forEach(cause ->
        offsets.put(
            new TopicPartition(cause.topic(), cause.partition()),
            new OffsetAndMetadata(cause.offset() + 1)));
    producer.beginTransaction();
    records.forEach(producer::send);
    if (!offsets.isEmpty()) {
      producer.sendOffsetsToTransaction(offsets, group.get());
    }
    producer.commitTransaction();
  }
}
