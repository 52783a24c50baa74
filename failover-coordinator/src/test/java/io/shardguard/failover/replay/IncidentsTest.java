package io.shardguard.failover.replay;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardguard.failover.explain.Explain;
import io.shardguard.failover.explain.Explanation;
import io.shardguard.failover.replay.Judgement.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Incidents of real clusters, decided again by the present code. A difference is not always wrong:
 * then the incident is recorded anew, and the change says why.
 */
class IncidentsTest {

  private static final Path INCIDENTS = Path.of("../docs/incidents");

  static Stream<Path> incidents() throws Exception {
    try (Stream<Path> files = Files.list(INCIDENTS)) {
      return files.filter(file -> file.toString().endsWith(".jsonl")).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("incidents")
  void anIncidentIsDecidedAsItWas(Path file) throws Exception {
    RecordedLog log = read(file);
    assertThat(log.problems()).isEmpty();
    List<Judgement> judgements = Replay.of(log, ReplayOptions.EVERYTHING);
    assertThat(judgements).isNotEmpty();
    assertThat(judgements).filteredOn(j -> j.outcome() != Outcome.SAME).isEmpty();
  }

  /** From the events alone, as they are when the observations are long gone. */
  @ParameterizedTest
  @MethodSource("incidents")
  void anIncidentIsDecidedAsItWasWithoutItsObservations(Path file) throws Exception {
    List<String> lines =
        Files.readAllLines(file).stream()
            .filter(line -> !line.startsWith("{\"topic\":\"shardguard.observations\""))
            .filter(line -> !line.startsWith("{\"end\":"))
            .toList();
    RecordedLog log = LogFile.read(lines.iterator());
    List<Judgement> judgements = Replay.of(log, ReplayOptions.EVERYTHING);
    assertThat(judgements).isNotEmpty();
    assertThat(judgements).filteredOn(j -> j.outcome() != Outcome.SAME).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("incidents")
  void anIncidentIsExplained(Path file) throws Exception {
    List<Explanation> groups = Explain.groups(read(file), null);
    assertThat(groups).isNotEmpty().allMatch(group -> !group.sections().isEmpty());
  }

  @Test
  void thePageNamesEveryIncident() throws Exception {
    String page = Files.readString(INCIDENTS.resolve("README.md"));
    assertThat(incidents().map(file -> file.getFileName().toString()))
        .isNotEmpty()
        .allMatch(page::contains);
  }

  private static RecordedLog read(Path file) throws Exception {
    return LogFile.read(Files.readAllLines(file).iterator());
  }
}
