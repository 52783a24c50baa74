package io.shardguard.events;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import io.shardguard.events.GroupTopology.Step;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** docs/asyncapi.yaml, made from the records: what the machine-readable contract must be. */
final class AsyncApiPage {

  private static final Map<Type, String> SIMPLE =
      Map.ofEntries(
          Map.entry(String.class, "type: string"),
          Map.entry(int.class, "type: integer, format: int32"),
          Map.entry(Integer.class, "type: integer, format: int32"),
          Map.entry(long.class, "type: integer, format: int64"),
          Map.entry(Long.class, "type: integer, format: int64"),
          Map.entry(boolean.class, "type: boolean"),
          Map.entry(Boolean.class, "type: boolean"),
          Map.entry(Instant.class, "type: string, format: date-time"),
          Map.entry(Lsn.class, "type: string, pattern: '^[0-9A-F]{1,8}/[0-9A-F]{1,8}$'"),
          Map.entry(Epoch.class, "type: integer, format: int64, minimum: 0"),
          Map.entry(Timeline.class, "type: integer, format: int32, minimum: 1"));

  /** Text that is null in a group that never had a primary. */
  private static final Set<String> NULLABLE =
      Set.of("TransitionStarted.oldPrimary", "OldPrimaryEnded.member", "DataLossAccepted.to");

  private final StringBuilder page = new StringBuilder();
  private final Map<String, Class<?>> written = new TreeMap<>();
  private final Deque<Class<?>> wanted = new ArrayDeque<>();
  private final Map<String, Class<? extends Event>> events = new TreeMap<>(EventCodec.types());
  private final Map<String, Class<? extends Command>> commands =
      new TreeMap<>(EventCodec.commandTypes());

  private AsyncApiPage() {}

  static String render() {
    AsyncApiPage page = new AsyncApiPage();
    page.head();
    page.channels();
    page.operations();
    page.components();
    return page.page.toString();
  }

  private void head() {
    line(
        0, "# Made from the records of the module events; its tests compare it. To write it anew:");
    line(0, "#   mvn -pl events test -Dtest=AsyncApiTest -Dshardguard.docs.write=true");
    line(0, "asyncapi: 3.0.0");
    line(0, "info:");
    line(1, "title: Shardguard");
    line(1, "version: 1.0.0");
    line(
        1,
        "description: What the services of a cluster tell each other; docs/events.md says what it means.");
    line(0, "defaultContentType: application/json");
  }

  private void channels() {
    line(0, "channels:");
    channel(
        "observations",
        Topics.OBSERVATIONS,
        "What observers see. Key: cluster.",
        List.of("Observation"));
    channel("events", Topics.EVENTS, "What happened and what was decided. Key: cluster.", names());
    channel(
        "commands",
        Topics.COMMANDS,
        "What operators ask for. Key: cluster.",
        commands.values().stream().map(Class::getSimpleName).toList());
    channel(
        "topology",
        Topics.TOPOLOGY,
        "The newest state of each group. Key: cluster/group.",
        List.of("GroupTopology"));
    channel(
        "shadowEvents",
        Topics.SHADOW_EVENTS,
        "What a shadow of failover-coordinator decided: nobody acts on it. Key: cluster.",
        names());
  }

  private void channel(String id, String topic, String description, List<String> messages) {
    Topics.Spec spec =
        Topics.all().stream().filter(each -> each.name().equals(topic)).findFirst().orElseThrow();
    line(1, id + ":");
    line(2, "address: " + topic);
    line(2, "description: '" + description + "'");
    line(2, "messages:");
    messages.forEach(name -> line(3, name + ": {$ref: '#/components/messages/" + name + "'}"));
    line(2, "bindings:");
    line(3, "kafka:");
    line(4, "topic: " + topic);
    line(4, "partitions: " + spec.partitions());
    line(4, "topicConfiguration:");
    line(5, "cleanup.policy: [" + spec.settings().get("cleanup.policy") + "]");
    if (spec.settings().containsKey("retention.ms")) {
      line(5, "retention.ms: " + spec.settings().get("retention.ms"));
    }
  }

  private void operations() {
    line(0, "operations:");
    for (String channel : List.of("observations", "events", "commands", "topology")) {
      line(1, channel + "Written: {action: send, channel: {$ref: '#/channels/" + channel + "'}}");
    }
  }

  private void components() {
    line(0, "components:");
    line(1, "messages:");
    events.forEach((wireName, type) -> message(type.getSimpleName(), wireName));
    commands.forEach((wireName, type) -> message(type.getSimpleName(), wireName));
    message("Observation", "io.shardguard.observation.v1");
    line(2, "GroupTopology:");
    line(3, "name: GroupTopology");
    line(3, "payload: {$ref: '#/components/schemas/GroupTopology'}");
    line(1, "schemas:");
    envelope();
    wanted.addAll(events.values());
    wanted.addAll(commands.values());
    wanted.addAll(List.of(Envelope.Cause.class, Observation.class, GroupTopology.class));
    while (!wanted.isEmpty()) {
      Class<?> next = wanted.remove();
      if (written.putIfAbsent(next.getSimpleName(), next) == null) {
        schema(next);
      } else if (written.get(next.getSimpleName()) != next) {
        throw new IllegalStateException("two types have the name " + next.getSimpleName());
      }
    }
  }

  private void message(String name, String wireName) {
    line(2, name + ":");
    line(3, "name: " + wireName);
    line(3, "payload:");
    line(4, "allOf:");
    line(5, "- {$ref: '#/components/schemas/Envelope'}");
    line(5, "- type: object");
    line(5, "  properties:");
    line(5, "    type: {const: " + wireName + "}");
    line(5, "    data: {$ref: '#/components/schemas/" + name + "'}");
  }

  private void envelope() {
    line(2, "Envelope:");
    line(3, "description: A CloudEvent, version 1.0, in the structured JSON form.");
    line(3, "type: object");
    line(3, "required: [specversion, id, source, type, time, cluster, subject, data]");
    line(3, "properties:");
    line(4, "specversion: {const: '1.0'}");
    for (RecordComponent part : Envelope.class.getRecordComponents()) {
      String form = part.getName().equals("data") ? "{type: object}" : form(part.getGenericType());
      line(4, part.getName() + ": " + form);
    }
    line(4, "basis: " + form(Basis.class));
  }

  private void schema(Class<?> type) {
    line(2, type.getSimpleName() + ":");
    if (type.isEnum()) {
      line(3, "type: string");
      line(
          3,
          "enum: ["
              + list(Arrays.stream(type.getEnumConstants()).map(Object::toString).toList())
              + "]");
    } else if (type.isSealed()) {
      line(3, "oneOf:");
      for (Class<?> permitted : type.getPermittedSubclasses()) {
        line(4, "- {$ref: '#/components/schemas/" + permitted.getSimpleName() + "'}");
        wanted.add(permitted);
      }
    } else {
      object(type);
    }
  }

  private void object(Class<?> type) {
    Map<String, String> properties = new LinkedHashMap<>();
    if (Step.class.isAssignableFrom(type)) {
      properties.put("at", "{const: " + stepName(type) + "}");
    }
    for (RecordComponent part : type.getRecordComponents()) {
      boolean nullable = NULLABLE.contains(type.getSimpleName() + "." + part.getName());
      properties.put(
          part.getName(), nullable ? "{type: [string, 'null']}" : form(part.getGenericType()));
    }
    line(3, "type: object");
    line(3, "properties:");
    properties.forEach((name, form) -> line(4, name + ": " + form));
  }

  private String form(Type type) {
    if (SIMPLE.containsKey(type)) {
      return "{" + SIMPLE.get(type) + "}";
    }
    if (type instanceof ParameterizedType generic) {
      Type[] of = generic.getActualTypeArguments();
      return Map.class.isAssignableFrom((Class<?>) generic.getRawType())
          ? "{type: object, additionalProperties: " + form(of[1]) + "}"
          : "{type: array, items: " + form(of[0]) + "}";
    }
    wanted.add((Class<?>) type);
    return "{$ref: '#/components/schemas/" + ((Class<?>) type).getSimpleName() + "'}";
  }

  private static String stepName(Class<?> step) {
    return Arrays.stream(Step.class.getAnnotation(JsonSubTypes.class).value())
        .filter(each -> each.value() == step)
        .map(JsonSubTypes.Type::name)
        .collect(Collectors.joining());
  }

  private List<String> names() {
    return events.values().stream().map(Class::getSimpleName).toList();
  }

  private static String list(List<String> words) {
    return String.join(", ", words);
  }

  private void line(int depth, String text) {
    page.append("  ".repeat(depth)).append(text).append('\n');
  }
}
