package io.shardguard.simulator;

import java.lang.management.ManagementFactory;

/** Prints how many schedules a minute one core runs, and how much memory that takes. */
public final class Benchmark {

  private static final int WARM_UP = 300;
  private static final int MEASURED = 1000;

  private Benchmark() {}

  /** Takes no arguments. */
  public static void main(String[] args) {
    run(1, WARM_UP);
    long heap = heap();
    long before = cpu();
    double lived = run(WARM_UP + 1L, MEASURED);
    double seconds = (cpu() - before) / 1e9;
    System.out.printf(
        "%d schedules of %d virtual s each (%.0f s of them lived through, the rest is quiet and skipped):%n",
        MEASURED, Schedule.LENGTH, lived / MEASURED);
    System.out.printf(
        "%.1f s of processor time, %.0f schedules a minute on one core%n",
        seconds, MEASURED / seconds * 60);
    System.out.printf("heap in use: %d KiB before, %d KiB after%n", heap, heap());
  }

  private static double run(long seed, int many) {
    double lived = 0;
    for (int i = 0; i < many; i++) {
      lived += Schedule.of(seed + i).run(Conduct.GOOD).livedSeconds();
    }
    return lived;
  }

  private static long cpu() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private static long heap() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() / 1024;
  }
}
