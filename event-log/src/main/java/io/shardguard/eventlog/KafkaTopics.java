package io.shardguard.eventlog;

import io.shardguard.events.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.errors.TopicExistsException;

/** Makes the topics of the contract in a broker. */
public final class KafkaTopics {

  private KafkaTopics() {}

  /**
   * Makes the topics that are missing; those that exist are left as they are.
   *
   * @param bootstrapServers as Kafka's clients take them
   * @param replicas of each partition; not more than there are brokers
   * @param deadline for each request
   * @throws TimeoutException if the broker does not answer in time
   */
  public static void createMissing(String bootstrapServers, short replicas, Duration deadline)
      throws TimeoutException, InterruptedException {
    try (Admin admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers))) {
      Set<String> existing = admin.listTopics().names().get(deadline.toMillis(), TimeUnit.MILLISECONDS);
      List<NewTopic> missing =
          Topics.all().stream()
              .filter(spec -> !existing.contains(spec.name()))
              .map(spec -> new NewTopic(spec.name(), spec.partitions(), replicas).configs(spec.settings()))
              .toList();
      admin.createTopics(missing).all().get(deadline.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw new IllegalStateException("the topics could not be made: " + e.getCause().getMessage(), e.getCause());
      }
    }
  }
}
