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
 * the rules go on. Then it is written down in differences.txt, with its reason.
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
  void anIncidentIsDecidedAsItWasButForWhatIsWrittenDown(Path file) throws Exception {
    RecordedLog log = read(file);
    assertThat(log.problems()).isEmpty();
    List<Judgement> judgements = Replay.of(log, ReplayOptions.EVERYTHING);
    assertThat(judgements).isNotEmpty();
    assertThat(judgements).anyMatch(j -> j.outcome() == Outcome.SAME);
    assertThat(differences(file, judgements)).isSubsetOf(writtenDown());
  }

  /** From the events alone, as they are when the observations are long gone. */
  @ParameterizedTest
  @MethodSource("incidents")
  void theSameHoldsWithoutItsObservations(Path file) throws Exception {
    List<String> lines =
        Files.readAllLines(file).stream()
            .filter(line -> !line.startsWith("{\"topic\":\"shardguard.observations\""))
            .filter(line -> !line.startsWith("{\"end\":"))
            .toList();
    RecordedLog log = LogFile.read(lines.iterator());
    List<Judgement> judgements = Replay.of(log, ReplayOptions.EVERYTHING);
    assertThat(judgements).isNotEmpty();
    assertThat(judgements).anyMatch(j -> j.outcome() == Outcome.SAME);
    assertThat(differences(file, judgements)).isSubsetOf(writtenDown());
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

  private static List<String> differences(Path file, List<Judgement> judgements) {
    return judgements.stream()
        .filter(j -> j.outcome() != Outcome.SAME)
        .map(j -> file.getFileName() + " " + j.at() + " " + j.outcome() + " upon " + j.input())
        .toList();
  }

  private static List<String> writtenDown() throws Exception {
    return Files.readAllLines(INCIDENTS.resolve("differences.txt")).stream()
        .filter(line -> !line.isBlank() && !line.startsWith("#"))
        .toList();
  }

  private static RecordedLog read(Path file) throws Exception {
    return LogFile.read(Files.readAllLines(file).iterator());
  }
}
