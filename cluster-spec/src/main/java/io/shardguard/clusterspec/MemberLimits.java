package io.shardguard.clusterspec;

import java.util.Optional;

/**
 * What each member may use; for members that are containers.
 *
 * @param memoryBytes its memory
 * @param nanoCpus its share of processors, in billionths of one
 */
public record MemberLimits(Optional<Long> memoryBytes, Optional<Long> nanoCpus) {

  /** All that the machine has. */
  public static final MemberLimits NONE = new MemberLimits(Optional.empty(), Optional.empty());

  private static final double NANOS = 1e9;

  /**
   * Reads the limits as they are declared.
   *
   * @param memory a number with the unit MB or GB; empty for no limit
   * @param cpus a number of processors; 0 for no limit
   */
  static MemberLimits of(String memory, double cpus) {
    return new MemberLimits(
        memory.isEmpty() ? Optional.empty() : Optional.of(bytes(memory)),
        cpus == 0 ? Optional.empty() : Optional.of(Math.round(cpus * NANOS)));
  }

  private static long bytes(String memory) {
    long number = Long.parseLong(memory.substring(0, memory.length() - 2).strip());
    return memory.endsWith("GB") ? number << 30 : number << 20;
  }
}
