package io.shardguard.failover.shadow;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardguard.failover.replay.LogFile;
import io.shardguard.failover.replay.RecordedLog;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordedFactTest {

  /** In the order of their times; the member's place in its group is 0 for the primary. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          worker-crash         | DOWN 1/0, EXITED 1/0
          coordinator-crash    | DOWN 0/0, EXITED 0/0
          worker-hang          | DOWN 1/0, EXITED 1/0
          standby-then-primary | DOWN 1/1, EXITED 1/1, DOWN 1/0
          """)
  void anIncidentTellsWhoWentDownAndWhatItWasThen(String incident, String facts) throws Exception {
    assertThat(RecordedFact.of(log(incident)))
        .extracting(f -> f.kind() + " " + f.group() + "/" + f.place())
        .startsWith(facts.split(", "));
  }

  private static RecordedLog log(String incident) throws Exception {
    Path file = Path.of("../docs/incidents", incident + ".jsonl");
    return LogFile.read(Files.readAllLines(file).iterator());
  }
}
