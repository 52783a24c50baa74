package io.shardguard.simulator;

import io.shardguard.simulator.Schedule.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Looks for a schedule that breaks an invariant, and makes it small. */
public final class Search {

  private Search() {}

  /**
   * What was found.
   *
   * @param smallest the schedule with only the faults that it takes
   * @param transcript of that
   */
  public record Found(
      Schedule whole, Schedule smallest, Violation violation, Transcript transcript) {}

  /** The first of so many seeds that breaks an invariant; empty if none does. */
  public static Optional<Schedule> first(long seed, long many, Conduct conduct) {
    for (long i = 0; i < many; i++) {
      Schedule schedule = Schedule.of(seed + i);
      if (schedule.run(conduct).violation().isPresent()) {
        return Optional.of(schedule);
      }
    }
    return Optional.empty();
  }

  /** A failing schedule without the faults that it can do without. */
  public static Found shrink(Schedule failing, Conduct conduct) {
    String rule = failing.run(conduct).violation().orElseThrow().rule();
    Schedule smallest = failing;
    boolean smaller = true;
    while (smaller) {
      smaller = false;
      for (Fault fault : smallest.faults()) {
        List<Fault> others = new ArrayList<>(smallest.faults());
        others.remove(fault);
        Schedule without = smallest.with(others);
        if (breaks(without, rule, conduct)) {
          smallest = without;
          smaller = true;
          break;
        }
      }
    }
    Transcript transcript = new Transcript();
    Result result = smallest.run(conduct, transcript);
    return new Found(failing, smallest, result.violation().orElseThrow(), transcript);
  }

  private static boolean breaks(Schedule schedule, String rule, Conduct conduct) {
    return schedule.run(conduct).violation().filter(v -> v.rule().equals(rule)).isPresent();
  }
}
