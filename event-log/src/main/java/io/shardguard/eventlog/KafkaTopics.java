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
import org.apache.kafka.common.KafkaFuture;
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
    try (Admin admin = admin(bootstrapServers, deadline)) {
      Set<String> existing = answer(admin.listTopics().names(), bootstrapServers, deadline);
      List<NewTopic> missing =
          Topics.all().stream()
              .filter(spec -> !existing.contains(spec.name()))
              .map(spec ->
                  new NewTopic(spec.name(), spec.partitions(), replicas).configs(spec.settings()))
              .toList();
      for (KafkaFuture<Void> made : admin.createTopics(missing).values().values()) {
        try {
          answer(made, bootstrapServers, deadline);
        } catch (TopicExistsException e) {
          // Somebody else made it in between: that is what is wanted.
        }
      }
    }
  }

  /**
   * Closing waits for requests that are under way: they must not take longer than the deadline
   * either.
   */
  private static Admin admin(String bootstrapServers, Duration deadline) {
    int millis = Math.toIntExact(deadline.toMillis());
    return Admin.create(
        Map.of(
            AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers,
            AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, millis,
            AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, millis));
  }

  private static <T> T answer(KafkaFuture<T> future, String bootstrapServers, Duration deadline)
      throws TimeoutException, InterruptedException {
    try {
      return future.get(deadline.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw silent(bootstrapServers, deadline);
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case TopicExistsException exists -> throw exists;
        case org.apache.kafka.common.errors.TimeoutException timeout ->
            throw silent(bootstrapServers, deadline);
        default ->
            throw new IllegalStateException(
                "the topics could not be made: " + e.getCause().getMessage(), e.getCause());
      }
    }
  }

  private static TimeoutException silent(String bootstrapServers, Duration deadline) {
    return new TimeoutException(
        "Kafka at " + bootstrapServers + " does not answer within " + deadline);
  }
}
