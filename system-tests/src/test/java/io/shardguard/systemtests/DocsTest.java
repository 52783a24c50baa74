package io.shardguard.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** docs/configuration.md against the sources of this checkout. */
class DocsTest {

  private static final Path CHECKOUT = Path.of("..");
  private static final Pattern ROW =
      Pattern.compile("\\| `([^`]+)` \\| (?:`([^`]*)`|([^|]*)) \\| (.+) \\|");
  private static final Pattern OPTION = Pattern.compile("names = (?:\\{[^}]*)?\"(--[a-z-]+)\"");
  private static final Pattern PROPERTY = Pattern.compile("@ConfigProperty\\(name = \"([^\"]+)\"");
  private static final Pattern WRITTEN =
      Pattern.compile("(?m)^\\s+((?:shardguard|kafka)\\.[a-z.-]+)=%");

  private final String page = text("docs/configuration.md");

  @ParameterizedTest
  @ValueSource(
      strings = {"provisioner", "health-monitor", "failover-coordinator", "lb-configurator"})
  void theKeysOfAServiceStandOnThePageWithTheirDefaults(String service) {
    Map<String, String> keys = new LinkedHashMap<>();
    javaSources(service)
        .filter(source -> source.contains("@ConfigMapping("))
        .forEach(source -> keys.putAll(ConfigKeys.of(source)));
    assertThat(keys).isNotEmpty();
    assertThat(rows(service)).containsExactlyInAnyOrderEntriesOf(keys);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"provisioner", "health-monitor", "failover-coordinator", "lb-configurator"})
  void everySinglePropertyThatAServiceReadsStandsOnThePage(String service) {
    Set<String> read = new LinkedHashSet<>();
    javaSources(service).forEach(source -> found(PROPERTY, source).forEach(read::add));
    read.remove("quarkus.application.name");
    assertThat(read).allMatch(key -> page.contains("| `" + key + "` |"));
  }

  @Test
  void whatUpWritesForTheServicesIsListed() {
    List<String> written =
        found(WRITTEN, text("cli/src/main/java/io/shardguard/cli/local/ServiceProperties.java"));
    assertThat(written).hasSizeGreaterThan(10);
    assertThat(keysUnder("What `up` writes")).containsAll(written);
  }

  @Test
  void everyOptionOfUpStandsOnThePageAndNoOther() {
    List<String> options = new ArrayList<>();
    for (String source : List.of("StateOption", "UpCommand")) {
      options.addAll(
          found(OPTION, text("cli/src/main/java/io/shardguard/cli/" + source + ".java")));
    }
    assertThat(keysUnder("./shardguard up").stream().map(key -> key.replaceFirst(" .*", "")))
        .containsExactlyInAnyOrderElementsOf(options);
  }

  @Test
  void everyKeyOfTheDeclarationStandsOnThePageAndNoOther() throws IOException {
    JsonNode schema =
        new ObjectMapper()
            .readTree(
                text(
                    "cluster-spec/src/main/resources/io/shardguard/clusterspec/cluster.schema.json"));
    Set<String> keys = new LinkedHashSet<>();
    schema.path("properties").fieldNames().forEachRemaining(keys::add);
    schema
        .at("/$defs/engine/properties")
        .fieldNames()
        .forEachRemaining(key -> keys.add("engines[]." + key));
    schema
        .at("/$defs/group/properties")
        .fieldNames()
        .forEachRemaining(key -> keys.add("groups[]." + key));
    schema
        .at("/$defs/member/then/properties")
        .fieldNames()
        .forEachRemaining(key -> keys.add("groups[].members[]." + key));
    assertThat(keysUnder("cluster.yaml")).isEqualTo(keys);
  }

  private Map<String, String> rows(String heading) {
    Map<String, String> rows = new LinkedHashMap<>();
    Matcher row = ROW.matcher(section(heading));
    while (row.find()) {
      rows.put(row.group(1), row.group(2) != null ? row.group(2) : row.group(3).strip());
    }
    return rows;
  }

  private Set<String> keysUnder(String heading) {
    return rows(heading).keySet();
  }

  /** From a heading of any depth to the next. */
  private String section(String heading) {
    Matcher section =
        Pattern.compile("(?ms)^#+ `?" + Pattern.quote(heading) + "`?$(.*?)(?=^#|\\z)")
            .matcher(page);
    assertThat(section.find()).as("the page has a section %s", heading).isTrue();
    return section.group(1);
  }

  private static List<String> found(Pattern pattern, String text) {
    return pattern.matcher(text).results().map(match -> match.group(1)).toList();
  }

  private static Stream<String> javaSources(String module) {
    try (Stream<Path> files = Files.walk(CHECKOUT.resolve(module).resolve("src/main/java"))) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .map(DocsTest::read)
          .toList()
          .stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String text(String path) {
    return read(CHECKOUT.resolve(path));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
