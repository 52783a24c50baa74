package io.shardguard.systemtests;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The cluster's events up to a moment, as they are in the log.
 *
 * @param all in their order
 */
record EventLog(List<JsonNode> all) {

  /** All until now. */
  static EventLog of(Stack stack) throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    List<JsonNode> all = new ArrayList<>();
    for (var row : new KafkaRecords(stack.kafka()).of("shardguard.events")) {
      if (row.value()[0] == '{') { // else a test's own
        all.add(mapper.readTree(row.value()));
      }
    }
    return new EventLog(all);
  }

  /** What happened from a moment on. */
  EventLog since(Instant moment) {
    return new EventLog(
        all.stream()
            .filter(event -> !Instant.parse(event.path("time").asText()).isBefore(moment))
            .toList());
  }

  /** The data of the events of this name, e.g. {@code standby-promoted}. */
  List<JsonNode> named(String name) {
    return all.stream()
        .filter(event -> event.path("type").asText().equals("io.shardguard." + name + ".v1"))
        .map(event -> event.path("data"))
        .toList();
  }

  /** The same of one group. */
  List<JsonNode> named(String name, int group) {
    return named(name).stream().filter(data -> data.path("group").asInt() == group).toList();
  }

  /** The same of one transition. */
  List<JsonNode> of(String transition, String name) {
    return named(name).stream()
        .filter(data -> data.path("transition").asText().equals(transition))
        .toList();
  }

  /** The transitions that were begun in the group. */
  List<String> transitions(int group) {
    return named("transition-started", group).stream()
        .map(data -> data.path("transition").asText())
        .toList();
  }
}
