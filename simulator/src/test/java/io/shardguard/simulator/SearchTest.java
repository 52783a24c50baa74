package io.shardguard.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardguard.simulator.Search.Found;
import org.junit.jupiter.api.Test;

class SearchTest {

  private static final Conduct CARELESS = Conduct.without(Habit.STARTS_ARE_AS_STANDBY);

  @Test
  void aFailingScheduleIsShrunkToTheFaultsThatItTakesAndToldAloud() {
    Schedule failing = Search.first(1, 400, CARELESS).orElseThrow();

    Found found = Search.shrink(failing, CARELESS);

    assertThat(found.smallest().faults()).hasSizeBetween(1, 3);
    assertThat(failing.faults()).containsAll(found.smallest().faults());
    assertThat(found.transcript().lines())
        .anySatisfy(line -> assertThat(line).contains("fault"))
        .last()
        .satisfies(line -> assertThat(line).contains(found.violation().rule()));
  }
}
