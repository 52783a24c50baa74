package io.shardguard.eventlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.shardguard.events.Topics;
import io.shardguard.testkit.KafkaServer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class KafkaTopicsTest {

  private static final ConfigResource COMMANDS = resource(Topics.COMMANDS);

  private static String servers;
  private static Admin admin;

  @BeforeAll
  static void connect() throws Exception {
    KafkaServer kafka = Broker.shared();
    servers = kafka.bootstrapServers();
    admin = Admin.create(Map.of("bootstrap.servers", servers));
    KafkaTopics.createMissing(servers, (short) 1, Broker.BOUND);
  }

  @AfterAll
  static void close() {
    admin.close();
  }

  @Test
  void everyTopicOfTheContractHasItsPartitionsAndSettings() throws Exception {
    for (Topics.Spec topic : Topics.all()) {
      assertThat(description(topic.name()).partitions())
          .as(topic.name())
          .hasSize(topic.partitions());
      assertThat(settings(topic.name())).as(topic.name()).containsAllEntriesOf(topic.settings());
    }
  }

  @Test
  void whatAnOperatorChangedStaysWhenTheTopicsAreAskedForAgain() throws Exception {
    set("retention.ms", "86400000");
    try {
      KafkaTopics.createMissing(servers, (short) 1, Broker.BOUND);
      assertThat(settings(Topics.COMMANDS)).containsEntry("retention.ms", "86400000");
    } finally {
      set("retention.ms", Topics.all().get(2).settings().get("retention.ms"));
    }
  }

  @Test
  void aTopicThatIsMissingAmongOthersIsMade() throws Exception {
    String dlq = Topics.COMMANDS + Topics.DLQ_SUFFIX;
    admin.deleteTopics(List.of(dlq)).all().get(60, TimeUnit.SECONDS);
    await()
        .atMost(Broker.BOUND)
        .until(
            () -> admin.listTopics().names().get(60, TimeUnit.SECONDS),
            names -> !names.contains(dlq));
    KafkaTopics.createMissing(servers, (short) 1, Broker.BOUND);
    assertThat(description(dlq).partitions()).hasSize(1);
  }

  /** Waits for it: the broker has a topic made before it shows it. */
  private static TopicDescription description(String topic) {
    return await()
        .atMost(Broker.BOUND)
        .ignoreExceptions()
        .until(
            () ->
                admin
                    .describeTopics(List.of(topic))
                    .topicNameValues()
                    .get(topic)
                    .get(60, TimeUnit.SECONDS),
            Objects::nonNull);
  }

  private static Map<String, String> settings(String topic) throws Exception {
    ConfigResource resource = resource(topic);
    Config config =
        admin.describeConfigs(List.of(resource)).values().get(resource).get(60, TimeUnit.SECONDS);
    Map<String, String> settings = new HashMap<>();
    config.entries().forEach(entry -> settings.put(entry.name(), entry.value()));
    return settings;
  }

  private static void set(String name, String value) throws Exception {
    AlterConfigOp change =
        new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET);
    admin
        .incrementalAlterConfigs(Map.of(COMMANDS, List.of(change)))
        .all()
        .get(60, TimeUnit.SECONDS);
  }

  private static ConfigResource resource(String topic) {
    return new ConfigResource(ConfigResource.Type.TOPIC, topic);
  }
}
