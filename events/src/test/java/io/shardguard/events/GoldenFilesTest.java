package io.shardguard.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shardguard.events.GroupTopology.Step;
import io.shardguard.events.GroupTopology.Transition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The JSON forms that stand in logs already. A golden file of a released version is never changed:
 * what changes its form is another type, or a new version of it.
 */
class GoldenFilesTest {

  private static final Path GOLDEN = Path.of("src/test/resources/golden");
  private static final String OBSERVATION = "io.shardguard.observation.v1";

  private final ObjectMapper plain = new ObjectMapper();
  private final EventCodec codec = new EventCodec();

  static Stream<String> wireNames() {
    return EventCodec.types().keySet().stream().sorted();
  }

  static Stream<String> topologies() throws IOException {
    return names().filter(name -> name.startsWith("topology-"));
  }

  @ParameterizedTest
  @MethodSource("wireNames")
  void anEventIsWrittenAsItWasRead(String wireName) throws Exception {
    Envelope<Event> read = codec.readEvent(bytes(wireName)).orElseThrow();
    assertThat(read.type()).isEqualTo(wireName);
    assertThat(read.data()).isExactlyInstanceOf(EventCodec.types().get(wireName));
    assertThat(tree(codec.write(read))).isEqualTo(tree(bytes(wireName)));
  }

  /** A sample with a part left out would not notice when that part changes its form. */
  @ParameterizedTest
  @MethodSource("wireNames")
  void theSampleOfAnEventHasEveryComponent(String wireName) throws Exception {
    List<String> components =
        Arrays.stream(EventCodec.types().get(wireName).getRecordComponents())
            .map(c -> c.getName())
            .toList();
    JsonNode data = tree(bytes(wireName)).path("data");
    assertThat(data.fieldNames()).toIterable().containsExactlyInAnyOrderElementsOf(components);
    assertThat(data).noneMatch(JsonNode::isNull);
  }

  @ParameterizedTest
  @MethodSource("wireNames")
  void anEventOfALaterVersionIsReadWithoutTheFieldsThatAreUnknownHere(String wireName)
      throws Exception {
    ObjectNode later = (ObjectNode) tree(bytes(wireName));
    later.put("traceparent", "00-1-2-01");
    ((ObjectNode) later.path("data")).putObject("invented").put("later", true);
    assertThat(codec.readEvent(plain.writeValueAsBytes(later)))
        .isEqualTo(codec.readEvent(bytes(wireName)));
  }

  @ParameterizedTest
  @MethodSource("wireNames")
  void theSubjectIsTheClusterOrTheGroupThatTheEventIsAbout(String wireName) throws Exception {
    Envelope<Event> sample = codec.readEvent(bytes(wireName)).orElseThrow();
    assertThat(
            EventCodec.envelope(
                sample.id(),
                sample.source(),
                sample.time(),
                sample.cluster(),
                sample.causes(),
                sample.data()))
        .isEqualTo(sample);
  }

  static Stream<String> commands() {
    return EventCodec.commandTypes().keySet().stream().sorted();
  }

  @ParameterizedTest
  @MethodSource("commands")
  void aCommandIsWrittenAsItWasRead(String wireName) throws Exception {
    Envelope<Command> read = codec.readCommand(bytes(wireName));
    assertThat(read.data()).isExactlyInstanceOf(EventCodec.commandTypes().get(wireName));
    assertThat(tree(codec.write(read))).isEqualTo(tree(bytes(wireName)));
    assertThat(
            EventCodec.envelope(read.id(), read.source(), read.time(), read.cluster(), read.data()))
        .isEqualTo(read);
  }

  @Test
  void aCommandThatThisVersionDoesNotKnowIsUnreadable() throws Exception {
    ObjectNode later = (ObjectNode) tree(bytes("io.shardguard.command.pause.v1"));
    later.put("type", "io.shardguard.command.invented.v1");
    assertThatThrownBy(() -> codec.readCommand(plain.writeValueAsBytes(later)))
        .isInstanceOf(EventCodec.UnreadableException.class)
        .hasMessageContaining("io.shardguard.command.invented.v1");
  }

  @Test
  void anObservationIsWrittenAsItWasRead() throws Exception {
    Envelope<Observation> read = codec.readObservation(bytes(OBSERVATION));
    assertThat(tree(codec.write(read))).isEqualTo(tree(bytes(OBSERVATION)));
    assertThat(EventCodec.envelope(read.id(), read.cluster(), read.data())).isEqualTo(read);
  }

  @Test
  void anObservationOfALaterVersionIsReadWithoutTheFieldsThatAreUnknownHere() throws Exception {
    ObjectNode later = (ObjectNode) tree(bytes(OBSERVATION));
    for (JsonNode member : later.path("data").path("members")) {
      ((ObjectNode) member).put("invented", 1);
      if (member.path("status").isObject()) {
        ((ObjectNode) member.path("status")).put("invented", 1);
      }
    }
    assertThat(codec.readObservation(plain.writeValueAsBytes(later)))
        .isEqualTo(codec.readObservation(bytes(OBSERVATION)));
  }

  @ParameterizedTest
  @MethodSource("topologies")
  void aGroupsStateIsWrittenAsItWasRead(String name) throws Exception {
    GroupTopology read = codec.readTopology(bytes(name));
    assertThat(tree(codec.write(read))).isEqualTo(tree(bytes(name)));
    assertThat(read.key()).isEqualTo("demo/1");
  }

  @ParameterizedTest
  @MethodSource("topologies")
  void aGroupsStateOfALaterVersionIsReadWithoutTheFieldsThatAreUnknownHere(String name)
      throws Exception {
    ObjectNode later = (ObjectNode) tree(bytes(name));
    later.put("invented", true);
    if (later.path("transition").isObject()) {
      ((ObjectNode) later.path("transition")).put("invented", true);
      ((ObjectNode) later.path("transition").path("step")).put("invented", true);
    }
    assertThat(codec.readTopology(plain.writeValueAsBytes(later)))
        .isEqualTo(codec.readTopology(bytes(name)));
  }

  static Stream<String> bases() throws IOException {
    return names().filter(name -> name.startsWith("basis-"));
  }

  @ParameterizedTest
  @MethodSource("bases")
  void theBasisOfADecisionIsWrittenAsItWasRead(String name) throws Exception {
    Basis read = codec.readBasis(decision(tree(bytes(name)))).orElseThrow();
    Envelope<Event> event = codec.readEvent(decision(tree(bytes(name)))).orElseThrow();
    assertThat(tree(codec.write(event, read)).path("basis")).isEqualTo(tree(bytes(name)));
    assertThat(codec.readEvent(codec.write(event, read))).contains(event);
  }

  @ParameterizedTest
  @MethodSource("bases")
  void aBasisOfALaterVersionIsReadWithoutTheFieldsThatAreUnknownHere(String name) throws Exception {
    ObjectNode later = (ObjectNode) tree(bytes(name));
    later.put("invented", true);
    ((ObjectNode) later.path("input")).put("invented", true);
    later.path("asked").forEach(asked -> ((ObjectNode) asked).put("invented", true));
    assertThat(codec.readBasis(decision(later)))
        .isEqualTo(codec.readBasis(decision(tree(bytes(name)))));
  }

  @Test
  void everyKindOfInputHasASample() throws Exception {
    List<Basis.InputKind> sampled = new ArrayList<>();
    for (String name : bases().toList()) {
      sampled.add(codec.readBasis(decision(tree(bytes(name)))).orElseThrow().input().kind());
    }
    assertThat(sampled).containsExactlyInAnyOrder(Basis.InputKind.values());
  }

  /** An event of a decision that rests on this. */
  private byte[] decision(JsonNode basis) throws IOException {
    ObjectNode event = (ObjectNode) tree(bytes("io.shardguard.transition-started.v1"));
    event.set("basis", basis);
    return plain.writeValueAsBytes(event);
  }

  @Test
  void everyStepOfATransitionHasASample() throws Exception {
    List<Class<?>> sampled =
        topologies().<Class<?>>map(this::step).filter(Objects::nonNull).toList();
    assertThat(sampled).containsExactlyInAnyOrder(Step.class.getPermittedSubclasses());
  }

  @Test
  void thereIsASampleForEachTypeAndNoneForATypeThatIsGone() throws Exception {
    assertThat(names().filter(name -> !name.startsWith("topology-") && !name.startsWith("basis-")))
        .containsExactlyInAnyOrderElementsOf(
            Stream.of(wireNames(), commands(), Stream.of(OBSERVATION))
                .flatMap(names -> names)
                .toList());
  }

  private Class<?> step(String name) {
    try {
      Transition transition = codec.readTopology(bytes(name)).transition();
      return transition == null ? null : transition.step().getClass();
    } catch (IOException | EventCodec.UnreadableException e) {
      throw new AssertionError(name, e);
    }
  }

  private static Stream<String> names() throws IOException {
    try (Stream<Path> files = Files.list(GOLDEN)) {
      return files
          .map(file -> file.getFileName().toString().replaceFirst("\\.json$", ""))
          .sorted()
          .toList()
          .stream();
    }
  }

  private static byte[] bytes(String name) throws IOException {
    return Files.readAllBytes(GOLDEN.resolve(name + ".json"));
  }

  private JsonNode tree(byte[] bytes) throws IOException {
    return plain.readTree(bytes);
  }
}
