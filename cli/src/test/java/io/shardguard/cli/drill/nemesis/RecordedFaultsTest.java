package io.shardguard.cli.drill.nemesis;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardguard.cli.replay.LogSource;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordedFaultsTest {

  /** What was done is on the incidents' page. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          worker-crash               | kill -9 of the postmaster, primary of group 1
          coordinator-crash          | kill -9 of the postmaster, primary of group 0
          worker-hang                | SIGSTOP of all processes, primary of group 1
          standby-then-primary       | kill -9 of the postmaster, standby of group 1; kill -9 of the postmaster, primary of group 1
          failover-coordinator-killed| kill -9 of the postmaster, primary of group 1; kill -9 of failover-coordinator
          """)
  void theFaultsOfAnIncidentAreWhatWasDone(String incident, String faults) throws Exception {
    assertThat(of(incident))
        .extracting(timed -> timed.fault().toString())
        .containsExactly(faults.split("; "));
  }

  @ParameterizedTest
  @CsvSource({
    "standby-then-primary, 24473",
    "failover-coordinator-killed, 516",
  })
  void faultsComeAtTheirTimes(String incident, long millis) throws Exception {
    List<RecordedFaults.Timed> faults = of(incident);
    assertThat(faults.getFirst().after()).isZero();
    assertThat(faults.getLast().after().toMillis()).isEqualTo(millis);
  }

  @ParameterizedTest
  @CsvSource("worker-hang")
  void aHangBeganWithTheSilenceAndLastsUntilTheMemberWasEnded(String incident) throws Exception {
    RecordedFaults.Timed hang = of(incident).getFirst();
    assertThat(hang.hold().toMillis()).isBetween(4900L, 5000L);
    assertThat(hang.toString())
        .isEqualTo("after   0.0 s: SIGSTOP of all processes, primary of group 1, for 4.9 s");
  }

  private static List<RecordedFaults.Timed> of(String incident) throws Exception {
    return RecordedFaults.of(LogSource.file(Path.of("../docs/incidents", incident + ".jsonl")));
  }
}
