package io.shardguard.cli.drill.nemesis;

import io.shardguard.cli.local.Installation;
import io.shardguard.cli.local.Parts;
import io.shardguard.cli.local.StatusReader;
import io.shardguard.cli.view.ClusterStatus;
import io.shardguard.events.GroupTopology;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/** Looks at a cluster until it is whole. */
final class ClusterWatch {

  private static final Duration LOOK = Duration.ofMillis(500);

  /** What was seen just before a fault must not count: observations come once a second. */
  private static final Duration STEADY = Duration.ofSeconds(2);

  private final StatusReader reader;
  private final Parts parts;

  ClusterWatch(Installation installation) {
    this.reader = new StatusReader(installation);
    this.parts = Parts.of(installation);
  }

  /**
   * How a wait ended.
   *
   * @param millis until the cluster was whole, and stayed so; null if it was not in time
   * @param problems of the last look
   */
  record Healing(Long millis, List<String> problems) {}

  ClusterStatus status() {
    return reader.read(parts.programs());
  }

  Map<Integer, GroupTopology> topology() throws TimeoutException {
    return reader.topology();
  }

  /**
   * Waits.
   *
   * @param since by {@link System#nanoTime}: the wait and its result count from then
   * @param putRight what must be so besides
   */
  Healing await(long since, Duration bound, BooleanSupplier putRight) throws InterruptedException {
    long wholeSince = 0;
    while (true) {
      long now = System.nanoTime();
      List<String> problems = problems(putRight);
      if (!problems.isEmpty()) {
        wholeSince = 0;
      } else if (wholeSince == 0) {
        wholeSince = now;
      }
      if (wholeSince != 0 && now - wholeSince >= STEADY.toNanos()) {
        return new Healing(Duration.ofNanos(wholeSince - since).toMillis(), List.of());
      }
      if (wholeSince == 0 && now - since > bound.toNanos()) {
        return new Healing(null, problems);
      }
      Thread.sleep(LOOK);
    }
  }

  private List<String> problems(BooleanSupplier putRight) {
    List<String> problems = new ArrayList<>(status().problems());
    if (problems.isEmpty() && !putRight.getAsBoolean()) {
      problems.add("what was changed by hand is not put right");
    }
    return problems;
  }
}
