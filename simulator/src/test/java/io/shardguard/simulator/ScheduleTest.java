package io.shardguard.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardguard.simulator.Schedule.Result;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ScheduleTest {

  private static final int RANDOM = 150;

  @Test
  void randomSchedulesBreakNoInvariant() {
    List<String> broken =
        LongStream.range(0, RANDOM)
            .mapToObj(Schedule::of)
            .flatMap(s -> s.run(Conduct.GOOD).violation().map(v -> s.seed() + " " + v).stream())
            .toList();

    assertThat(broken).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("keptSeeds")
  void aScheduleThatOnceBrokeAnInvariantBreaksNoneNow(long seed) {
    assertThat(Schedule.of(seed).run(Conduct.GOOD).violation()).isEmpty();
  }

  @Test
  void aSeedDecidesEverything() {
    Transcript first = new Transcript();
    Transcript second = new Transcript();

    Result one = Schedule.of(4711).run(Conduct.GOOD, first);
    Result other = Schedule.of(4711).run(Conduct.GOOD, second);

    assertThat(one).isEqualTo(other);
    assertThat(first.lines()).isEqualTo(second.lines()).hasSizeGreaterThan(40);
  }

  @Test
  void otherSeedsMakeOtherSchedules() {
    assertThat(LongStream.range(0, 50).mapToObj(seed -> Schedule.of(seed).faults()).distinct())
        .hasSizeGreaterThan(45);
  }

  @Test
  void schedulesFailOverAndWriteAndHeal() {
    List<Result> results =
        LongStream.range(500, 540).mapToObj(s -> Schedule.of(s).run(Conduct.GOOD)).toList();

    assertThat(results.stream().mapToInt(Result::failovers).sum())
        .as("failovers in 40 schedules")
        .isGreaterThan(10);
    assertThat(results).allSatisfy(r -> assertThat(r.acknowledged()).isGreaterThan(50));
  }

  static List<Long> keptSeeds() throws IOException {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                ScheduleTest.class.getResourceAsStream("/seeds.txt"), StandardCharsets.UTF_8))) {
      return lines
          .lines()
          .map(line -> line.replaceFirst("#.*", "").strip())
          .filter(line -> !line.isEmpty())
          .map(Long::valueOf)
          .toList();
    }
  }
}
