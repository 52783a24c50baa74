package io.shardguard.systemtests;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** What the log of a stack has recorded since a moment. */
final class Recorded {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Stack stack;
  private final Instant since;

  private Recorded(Stack stack, Instant since) {
    this.stack = stack;
    this.since = since;
  }

  /** From now on. */
  static Recorded fromNow(Stack stack) {
    return new Recorded(stack, Instant.now());
  }

  /** The data of the events of one type, by its wire name's middle: {@code node-down}. */
  List<JsonNode> events(String name) throws IOException {
    String type = "io.shardguard." + name + ".v1";
    return records("shardguard.events").stream()
        .filter(record -> record.path("type").asText().equals(type))
        .map(record -> record.path("data"))
        .toList();
  }

  /** The same, of one group. */
  List<JsonNode> events(String name, int group) throws IOException {
    return events(name).stream().filter(data -> data.path("group").asInt() == group).toList();
  }

  /** An observer's newest observation; a missing node if it made none. */
  JsonNode newestObservation(String observer) throws IOException {
    return records("shardguard.observations").stream()
        .map(record -> record.path("data"))
        .filter(data -> data.path("observer").asText().equals(observer))
        .reduce(JSON.missingNode(), (earlier, later) -> later);
  }

  /** An observer's newest view of a member; a missing node if it has none. */
  JsonNode newestView(String observer, String member) throws IOException {
    for (JsonNode view : newestObservation(observer).path("members")) {
      if (view.path("member").asText().equals(member)) {
        return view;
      }
    }
    return JSON.missingNode();
  }

  /** What is decided of a group now. */
  static JsonNode topology(Stack stack, int group) throws IOException {
    return new Recorded(stack, Instant.EPOCH)
        .records("shardguard.topology").stream()
            .filter(record -> record.path("group").asInt() == group)
            .reduce(JSON.missingNode(), (earlier, later) -> later);
  }

  /** All that is readable by now, of committed transactions. */
  private List<JsonNode> records(String topic) throws IOException {
    List<JsonNode> records = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(each -> new TopicPartition(topic, each.partition()))
              .toList();
      consumer.assign(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      consumer
          .offsetsForTimes(
              partitions.stream().collect(Collectors.toMap(p -> p, p -> since.toEpochMilli())))
          .forEach((partition, from) ->
              consumer.seek(partition, from == null ? ends.get(partition) : from.offset()));
      while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          records.add(JSON.readTree(record.value()));
        }
      }
    }
    return records;
  }

  private KafkaConsumer<byte[], byte[]> consumer() {
    return new KafkaConsumer<>(
        Map.of(
            "bootstrap.servers",
            "127.0.0.1:" + (stack.portBase() + 20),
            "isolation.level",
            "read_committed"),
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer());
  }
}
