package io.shardguard.simulator;

import java.util.List;
import java.util.SplittableRandom;

/** All chance of a run, from one seed. */
final class Chance {

  private final SplittableRandom random;

  Chance(long seed) {
    random = new SplittableRandom(seed);
  }

  /** From {@code low} up to, and without, {@code high}. */
  long between(long low, long high) {
    return random.nextLong(low, high);
  }

  boolean oneIn(int times) {
    return random.nextInt(times) == 0;
  }

  <T> T of(List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }

  Chance split() {
    return new Chance(random.nextLong());
  }
}
