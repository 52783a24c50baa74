package io.shardguard.events;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.jsontype.NamedType;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The JSON form of everything that goes over Kafka. Thread-safe. */
public final class EventCodec {

  private static final String SPEC_VERSION = "1.0";
  private static final String BASIS = "basis";
  private static final String OBSERVATION_TYPE = "io.shardguard.observation.v1";
  private static final Map<String, Class<? extends Event>> TYPES = collect(Event.class);
  private static final Map<String, Class<? extends Command>> COMMANDS = collect(Command.class);

  private final ObjectMapper json =
      JsonMapper.builder()
          .addModule(new JavaTimeModule())
          .addModule(new Jdk8Module())
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .build();

  /** A codec; as good as every other one. */
  public EventCodec() {
    COMMANDS.forEach((name, type) -> json.registerSubtypes(new NamedType(type, name)));
  }

  /** Bytes that are not what they should be: they belong on the dlq. */
  public static final class UnreadableException extends Exception {
    private static final long serialVersionUID = 1L;

    UnreadableException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** Every event type of the contract by its wire name. */
  public static Map<String, Class<? extends Event>> types() {
    return Map.copyOf(TYPES);
  }

  /** Every type of command of the contract by its wire name. */
  public static Map<String, Class<? extends Command>> commandTypes() {
    return Map.copyOf(COMMANDS);
  }

  /** The wire name of an event's type. */
  public static String wireName(Event event) {
    return event.getClass().getAnnotation(WireName.class).value();
  }

  /**
   * Wraps an event in an envelope.
   *
   * @param id unique for ever; the caller's, so that a core stays free of chance
   */
  public static Envelope<Event> envelope(
      String id,
      String source,
      Instant time,
      String cluster,
      List<Envelope.Cause> causes,
      Event event) {
    String subject =
        event.aboutGroup().isPresent() ? cluster + "/" + event.aboutGroup().getAsInt() : cluster;
    return new Envelope<>(id, source, wireName(event), time, cluster, subject, causes, event);
  }

  /** Wraps an observation in an envelope. */
  public static Envelope<Observation> envelope(String id, String cluster, Observation observation) {
    return new Envelope<>(
        id,
        "health-monitor/" + observation.observer(),
        OBSERVATION_TYPE,
        observation.at(),
        cluster,
        cluster,
        List.of(),
        observation);
  }

  /**
   * Wraps a command in an envelope.
   *
   * @param source who asks, for the log
   */
  public static Envelope<Command> envelope(
      String id, String source, Instant time, String cluster, Command command) {
    return new Envelope<>(
        id,
        source,
        command.wireName(),
        time,
        cluster,
        cluster + "/" + command.group(),
        List.of(),
        command);
  }

  /** The structured CloudEvents form. */
  public byte[] write(Envelope<?> envelope) {
    try {
      ObjectNode node = json.createObjectNode().put("specversion", SPEC_VERSION);
      node.setAll((ObjectNode) json.valueToTree(envelope));
      return json.writeValueAsBytes(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(
          "a record of the contract has no JSON form: " + envelope.type(), e);
    }
  }

  /**
   * The structured CloudEvents form of the first event of a decision.
   *
   * @param basis what the decision rested on
   */
  public byte[] write(Envelope<Event> envelope, Basis basis) {
    try {
      ObjectNode node = json.createObjectNode().put("specversion", SPEC_VERSION);
      node.setAll((ObjectNode) json.valueToTree(envelope));
      node.set(BASIS, json.valueToTree(basis));
      return json.writeValueAsBytes(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(
          "a basis has no JSON form, of a decision on " + envelope.subject(), e);
    }
  }

  /**
   * What the decision rested on that begins with this event. Not part of what {@link #readEvent}
   * gives: it is large, and few want it.
   *
   * @return empty if no decision begins with the event, or one of a version that did not say
   * @throws UnreadableException if it cannot be read; the event itself may be
   */
  public Optional<Basis> readBasis(byte[] event) throws UnreadableException {
    JsonNode basis = tree(event).path(BASIS);
    if (basis.isMissingNode()) {
      return Optional.empty();
    }
    try {
      Basis read = json.treeToValue(basis, Basis.class);
      if (read == null || read.input() == null || read.input().kind() == null) {
        throw new UnreadableException("not a decision's basis: its input is missing", null);
      }
      return Optional.of(read);
    } catch (JsonProcessingException | RuntimeException e) {
      throw new UnreadableException("not a decision's basis: " + e.getMessage(), e);
    }
  }

  /** The JSON form of a group's state. */
  public byte[] write(GroupTopology topology) {
    try {
      return json.writeValueAsBytes(topology);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a group's state has no JSON form: " + topology.key(), e);
    }
  }

  /**
   * Reads an event.
   *
   * @return empty if the type is unknown to this version: count it and go on
   * @throws UnreadableException if the bytes are no event of the contract
   */
  public Optional<Envelope<Event>> readEvent(byte[] bytes) throws UnreadableException {
    JsonNode node = tree(bytes);
    Class<? extends Event> type = TYPES.get(required(node, "type"));
    if (type == null) {
      return Optional.empty();
    }
    return Optional.of(read(node, type));
  }

  /**
   * Reads a command.
   *
   * @throws UnreadableException if the bytes are no command of the contract: an unknown one is not
   *     skipped, since somebody waits for the answer
   */
  public Envelope<Command> readCommand(byte[] bytes) throws UnreadableException {
    JsonNode node = tree(bytes);
    String name = required(node, "type");
    Class<? extends Command> type = COMMANDS.get(name);
    if (type == null) {
      throw new UnreadableException("not a command that this version knows: " + name, null);
    }
    return read(node, type);
  }

  /**
   * Reads an observation.
   *
   * @throws UnreadableException if the bytes are no observation
   */
  public Envelope<Observation> readObservation(byte[] bytes) throws UnreadableException {
    JsonNode node = tree(bytes);
    if (!OBSERVATION_TYPE.equals(required(node, "type"))) {
      throw new UnreadableException("not an observation: " + node.path("type").asText(), null);
    }
    return read(node, Observation.class);
  }

  /**
   * Reads a group's state.
   *
   * @throws UnreadableException if the bytes are no group's state
   */
  public GroupTopology readTopology(byte[] bytes) throws UnreadableException {
    try {
      GroupTopology topology = json.treeToValue(tree(bytes), GroupTopology.class);
      Optional<String> lacking = TopologyCheck.lacking(topology);
      if (lacking.isPresent()) {
        throw new UnreadableException(
            "not a group's state: " + lacking.get() + " is missing", null);
      }
      return topology;
    } catch (IOException e) {
      throw new UnreadableException("not a group's state: " + why(e), e);
    }
  }

  /**
   * Reads the record of a group in {@link Topics#TOPOLOGY}.
   *
   * @throws UnreadableException if the bytes are no group's state, or that of another group than
   *     the key says: a record that lost its group's number would else be group 0's
   */
  public GroupTopology readTopology(String key, byte[] bytes) throws UnreadableException {
    GroupTopology topology = readTopology(bytes);
    if (!topology.key().equals(key)) {
      throw new UnreadableException(
          "the state of " + topology.key() + " under the key " + key, null);
    }
    return topology;
  }

  /** The mapper with the settings of the contract, for tools that print records. */
  public ObjectMapper mapper() {
    return json;
  }

  private <T> Envelope<T> read(JsonNode node, Class<? extends T> type) throws UnreadableException {
    if (!node.path("data").isObject()) {
      throw new UnreadableException("the field 'data' is missing", null);
    }
    try {
      JsonNode causes = node.path("causes");
      return new Envelope<>(
          required(node, "id"),
          required(node, "source"),
          required(node, "type"),
          Instant.parse(required(node, "time")),
          required(node, "cluster"),
          required(node, "subject"),
          causes.isMissingNode()
              ? List.of()
              : List.of(json.treeToValue(causes, Envelope.Cause[].class)),
          json.treeToValue(node.path("data"), type));
    } catch (JsonProcessingException | RuntimeException e) {
      throw new UnreadableException("not a record of the contract: " + why(e), e);
    }
  }

  private JsonNode tree(byte[] bytes) throws UnreadableException {
    if (bytes == null) {
      throw new UnreadableException("no value", null);
    }
    try {
      JsonNode node = json.readTree(bytes);
      if (node == null || !node.isObject()) {
        throw new UnreadableException("not a JSON object", null);
      }
      return node;
    } catch (IOException e) {
      throw new UnreadableException("not JSON: " + why(e), e);
    }
  }

  /**
   * Without the place in the source, of which Jackson says on lines of their own that it is hidden.
   */
  private static String why(Exception e) {
    return e instanceof JsonProcessingException json ? json.getOriginalMessage() : e.getMessage();
  }

  private static String required(JsonNode node, String field) throws UnreadableException {
    JsonNode value = node.path(field);
    if (!value.isTextual()) {
      throw new UnreadableException("the field '" + field + "' is missing", null);
    }
    return value.asText();
  }

  private static <T> Map<String, Class<? extends T>> collect(Class<T> root) {
    Map<String, Class<? extends T>> types = new LinkedHashMap<>();
    collect(root, root, types);
    return types;
  }

  private static <T> void collect(
      Class<?> type, Class<T> root, Map<String, Class<? extends T>> types) {
    if (type.isSealed()) {
      for (Class<?> permitted : type.getPermittedSubclasses()) {
        collect(permitted, root, types);
      }
    } else {
      types.put(type.getAnnotation(WireName.class).value(), type.asSubclass(root));
    }
  }
}
