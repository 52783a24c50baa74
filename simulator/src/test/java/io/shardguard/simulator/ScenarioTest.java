package io.shardguard.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ScenarioTest {

  private static final int SEEDS = 3;

  @ParameterizedTest
  @MethodSource("scenarios")
  void theStoryHolds(Scenario scenario) {
    for (long seed = 1; seed <= SEEDS; seed++) {
      Transcript transcript = new Transcript();
      assertThat(scenario.run(seed, transcript))
          .as(() -> String.join("\n", transcript.lines()))
          .isEmpty();
    }
  }

  @Test
  void thereAreManyStories() throws IOException {
    assertThat(scenarios()).hasSizeGreaterThanOrEqualTo(40);
    assertThat(scenarios().stream().map(Scenario::title)).doesNotHaveDuplicates();
  }

  @Test
  void aStoryThatDoesNotHoldSaysWhat() {
    Scenario wrong =
        new Scenario(
            "wrong",
            List.of(
                "given 2 groups of 2 members",
                "when worker-1b is killed",
                "then worker-1b is primary of group 1 within 5 s"));

    assertThat(wrong.run(1, null).orElseThrow())
        .hasMessageContaining("worker-1b is primary of group 1");
  }

  @Test
  void aLineThatIsNotUnderstoodIsSaid() {
    Scenario wrong =
        new Scenario(
            "wrong", List.of("given 2 groups of 2 members", "when worker-1b is kidnapped"));

    assertThatThrownBy(() -> wrong.run(1, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("kidnapped");
  }

  static List<Scenario> scenarios() throws IOException {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                ScenarioTest.class.getResourceAsStream("/scenarios.txt"),
                StandardCharsets.UTF_8))) {
      return Scenario.parse(lines.lines().toList());
    }
  }
}
