package io.shardguard.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The simulator's teeth: it finds each rule that is switched off, and blames nobody else. */
class MutantTest {

  @ParameterizedTest
  @EnumSource(Mutant.class)
  void aRuleThatIsSwitchedOffIsMissedWithinTheStatedNumberOfSchedules(Mutant mutant) {
    long found =
        LongStream.rangeClosed(1, mutant.within())
            .filter(seed -> mutant.breaks(seed))
            .findFirst()
            .orElseThrow(
                () -> new AssertionError(mutant + " survives " + mutant.within() + " schedules"));

    assertThat(mutant.schedule(found).run(Conduct.GOOD).violation())
        .as("the product itself, in the same schedule")
        .isEmpty();
  }
}
