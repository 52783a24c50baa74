package io.shardguard.cli.drill;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class GapTest {

  @Test
  void theLongestTimeBetweenTwoWritesIsFound() {
    assertThat(Gap.longest(List.of(10L, 20L, 70L, 80L), 5, 90)).isEqualTo(new Gap(20, 70));
  }

  @Test
  void withoutAWriteAfterwardsTheGapLastsToTheEnd() {
    assertThat(Gap.longest(List.of(10L, 20L), 10, 900)).isEqualTo(new Gap(20, 900));
  }

  @Test
  void withoutAnyWriteTheGapIsTheWholeTime() {
    assertThat(Gap.longest(List.of(), 10, 900)).isEqualTo(new Gap(10, 900));
  }

  @Test
  void writesOutsideOfTheTimeDoNotCount() {
    assertThat(Gap.longest(List.of(1L, 50L, 1000L), 10, 90)).isEqualTo(new Gap(10, 50));
  }

  @Test
  void millisecondsAreRounded() {
    assertThat(new Gap(0, 1_600_000).millis()).isEqualTo(2);
  }
}
