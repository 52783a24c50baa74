package io.shardguard.events;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * docs/events.md against the records: each has a section with a table of its fields, in the
 * records' order.
 */
class EventsPageTest {

  private static final Path PAGE = Path.of("../docs/events.md");
  private static final Pattern HEADING = Pattern.compile("#+ `?([^`]*)`?");
  private static final Pattern FIELD = Pattern.compile("\\| `(\\w+)` \\|.*[^| ].*\\|.*[^| ].*\\|");

  /** What is no event, and the parts of records: by their names on the page. */
  private static final Map<String, Class<?>> PARTS = new LinkedHashMap<>();

  private static Map<String, List<String>> sections;

  static {
    PARTS.put("io.shardguard.observation.v1", Observation.class);
    PARTS.put("GroupTopology", GroupTopology.class);
    Stream.of(
            Envelope.Cause.class,
            Basis.class,
            Basis.Input.class,
            Basis.Asked.class,
            MemberAddress.class,
            ProvisionerEvent.Group.class,
            TransitionEvent.Rejected.class,
            Observation.MemberView.class,
            Observation.MemberStatus.class,
            Observation.Upstream.class,
            Observation.Downstream.class,
            GroupTopology.Attach.class,
            GroupTopology.Detach.class,
            GroupTopology.Orders.class,
            GroupTopology.Paused.class,
            GroupTopology.Loss.class,
            GroupTopology.Barred.class,
            GroupTopology.Transition.class,
            GroupTopology.WalEnd.class)
        .forEach(type -> PARTS.put(type.getSimpleName(), type));
    PARTS.putAll(EventCodec.commandTypes());
  }

  @BeforeAll
  static void read() throws Exception {
    sections = new LinkedHashMap<>();
    List<String> section = new ArrayList<>();
    for (String line : Files.readAllLines(PAGE)) {
      if (line.startsWith("#")) {
        section = new ArrayList<>();
        var heading = HEADING.matcher(line);
        assertThat(heading.matches()).as(line).isTrue();
        assertThat(sections.put(heading.group(1), section))
            .as("the heading %s stands twice", line)
            .isNull();
      }
      section.add(line);
    }
  }

  static Stream<String> records() {
    return Stream.concat(EventCodec.types().keySet().stream().sorted(), PARTS.keySet().stream());
  }

  @ParameterizedTest
  @MethodSource("records")
  void everyRecordHasATableOfItsFields(String name) {
    Class<?> type =
        EventCodec.types().containsKey(name) ? EventCodec.types().get(name) : PARTS.get(name);
    List<String> components =
        Arrays.stream(type.getRecordComponents()).map(RecordComponent::getName).toList();
    assertThat(sections).containsKey(name);
    assertThat(fields(sections.get(name))).isEqualTo(components);
  }

  @Test
  void theEnvelopeHasATableOfItsFields() {
    List<String> components =
        Arrays.stream(Envelope.class.getRecordComponents()).map(RecordComponent::getName).toList();
    assertThat(fields(sections.get("Envelope")))
        .startsWith("specversion")
        .containsAll(components)
        .contains("basis")
        .hasSize(10);
  }

  @ParameterizedTest
  @MethodSource("steps")
  void everyStepOfATransitionHasItsLine(String name, Class<?> step) {
    String line =
        sections.get("Step").stream()
            .filter(each -> each.startsWith("| `" + name + "` |"))
            .findFirst()
            .orElse("");
    assertThat(line).isNotEmpty();
    for (RecordComponent part : step.getRecordComponents()) {
      assertThat(line).contains("`" + part.getName() + "`");
    }
  }

  static Stream<Arguments> steps() {
    return Arrays.stream(GroupTopology.Step.class.getAnnotation(JsonSubTypes.class).value())
        .map(step -> Arguments.of(step.name(), step.value()));
  }

  @Test
  void thePageNamesNoEventThatIsGone() {
    assertThat(sections.keySet().stream().filter(name -> name.startsWith("io.shardguard.")))
        .allMatch(name -> EventCodec.types().containsKey(name) || PARTS.containsKey(name));
  }

  @Test
  void everyEventSaysWhoWritesItAndWhen() {
    EventCodec.types()
        .forEach((name, type) ->
            assertThat(sections.get(name))
                .as(name)
                .anyMatch(line ->
                    line.startsWith("Written by " + writer(type) + " ") && line.length() > 40));
  }

  @ParameterizedTest
  @MethodSource("enums")
  void everyValueOfAnEnumerationIsExplained(Class<? extends Enum<?>> type) {
    assertThat(sections).containsKey(type.getSimpleName());
    assertThat(fields(sections.get(type.getSimpleName())))
        .isEqualTo(Arrays.stream(type.getEnumConstants()).map(Enum::name).toList());
  }

  static Stream<Class<? extends Enum<?>>> enums() {
    return Stream.of(
        Basis.InputKind.class,
        Diagnosis.class,
        TransitionKind.class,
        Observation.Verdict.class,
        ProvisionerEvent.Engine.class,
        ProvisionerEvent.RejoinMethod.class,
        TransitionEvent.Outcome.class,
        ReplicationEvent.Refusal.class);
  }

  @Test
  void theTableOfTopicsIsTheOneOfTheCode() {
    List<String> rows =
        sections.get("Topics").stream().filter(line -> line.startsWith("| `shardguard")).toList();
    List<String> wanted = Topics.all().stream().map(EventsPageTest::topic).toList();
    assertThat(rows).hasSameSizeAs(wanted);
    for (int i = 0; i < rows.size(); i++) {
      assertThat(rows.get(i)).startsWith(wanted.get(i));
    }
  }

  private static String topic(Topics.Spec topic) {
    return "| `%s` | %d | %s |".formatted(topic.name(), topic.partitions(), kept(topic.settings()));
  }

  private static String kept(Map<String, String> settings) {
    if (settings.get("cleanup.policy").equals("compact")) {
      return "newest per key";
    }
    long millis = Long.parseLong(settings.get("retention.ms"));
    return millis < 0 ? "for ever" : Duration.ofMillis(millis).toDays() + " d";
  }

  private static String writer(Class<? extends Event> type) {
    Class<?> family = type.getInterfaces()[0];
    return Map.of(
            ProvisionerEvent.class, "provisioner",
            MonitorEvent.class, "health-monitor",
            TransitionEvent.class, "failover-coordinator",
            ReplicationEvent.class, "failover-coordinator",
            OperatorEvent.class, "failover-coordinator",
            LoadBalancerEvent.class, "lb-configurator")
        .get(family);
  }

  private static List<String> fields(List<String> section) {
    return section.stream()
        .map(FIELD::matcher)
        .filter(m -> m.matches())
        .map(m -> m.group(1))
        .toList();
  }
}
