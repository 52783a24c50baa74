package io.shardguard.systemtests;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

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

  /** When the recording began. */
  Instant since() {
    return since;
  }

  /** The data of the events of one type, by its wire name's middle: {@code node-down}. */
  List<JsonNode> events(String name) throws Exception {
    String type = "io.shardguard." + name + ".v1";
    return records("shardguard.events").stream()
        .filter(record -> record.path("type").asText().equals(type))
        .map(record -> record.path("data"))
        .toList();
  }

  /** The same, of one group. */
  List<JsonNode> events(String name, int group) throws Exception {
    return events(name).stream().filter(data -> data.path("group").asInt() == group).toList();
  }

  /** An observer's newest observation; a missing node if it made none. */
  JsonNode newestObservation(String observer) throws Exception {
    return records("shardguard.observations").stream()
        .map(record -> record.path("data"))
        .filter(data -> data.path("observer").asText().equals(observer))
        .reduce(JSON.missingNode(), (earlier, later) -> later);
  }

  /** An observer's newest view of a member; a missing node if it has none. */
  JsonNode newestView(String observer, String member) throws Exception {
    for (JsonNode view : newestObservation(observer).path("members")) {
      if (view.path("member").asText().equals(member)) {
        return view;
      }
    }
    return JSON.missingNode();
  }

  private List<JsonNode> records(String topic) throws Exception {
    Path file = stack.state().resolveSibling("export.jsonl");
    Stack.Run run =
        stack.run(
            "events",
            "--export",
            file.toString(),
            "--force",
            "--with-observations",
            "--since",
            since.toString());
    if (run.exitCode() != 0) {
      throw new IllegalStateException("the log cannot be read: " + run.output());
    }
    try (var lines = Files.lines(file)) {
      return lines
          .map(Recorded::json)
          .filter(line -> line.path("topic").asText().equals(topic))
          .map(line -> line.path("value"))
          .toList();
    }
  }

  private static JsonNode json(String line) {
    try {
      return JSON.readTree(line);
    } catch (IOException e) {
      throw new UncheckedIOException(line, e);
    }
  }
}
