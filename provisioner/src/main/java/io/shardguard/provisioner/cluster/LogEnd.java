package io.shardguard.provisioner.cluster;

import io.shardguard.events.Topics;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;

/** Asks where the topology topic ends. */
final class LogEnd {

  /** The topic has one partition. */
  private static final TopicPartition TOPOLOGY = new TopicPartition(Topics.TOPOLOGY, 0);

  private LogEnd() {}

  /** The offset of the first record that is not committed yet. */
  static long ofTopology(String bootstrapServers, Duration deadline)
      throws TimeoutException, InterruptedException {
    try (Admin admin =
        Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers))) {
      return admin
          .listOffsets(
              Map.of(TOPOLOGY, OffsetSpec.latest()),
              new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
          .partitionResult(TOPOLOGY)
          .get(deadline.toMillis(), TimeUnit.MILLISECONDS)
          .offset();
    } catch (ExecutionException e) {
      throw new IllegalStateException(
          "the end of the topology cannot be asked: " + e.getCause().getMessage(), e);
    }
  }
}
