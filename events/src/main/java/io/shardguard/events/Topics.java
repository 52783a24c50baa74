package io.shardguard.events;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The topics, with their settings: the one place that knows them. */
public final class Topics {

  /** What observers see ({@link Observation}), on change and once a second. Key: cluster. */
  public static final String OBSERVATIONS = "shardguard.observations";

  /** What happened and what was decided ({@link Event}): the audit log. Key: cluster. */
  public static final String EVENTS = "shardguard.events";

  /** What operators ask for. Key: cluster. */
  public static final String COMMANDS = "shardguard.commands";

  /** The newest state of each group ({@link GroupTopology}), compacted. Key: cluster/group. */
  public static final String TOPOLOGY = "shardguard.topology";

  /**
   * What a shadow of failover-coordinator decided ({@link Event}): nobody acts on it. Key: cluster.
   */
  public static final String SHADOW_EVENTS = "shardguard.shadow-events";

  /** Appended to a topic's name: the records of it that could not be read, untouched. */
  public static final String DLQ_SUFFIX = ".dlq";

  /**
   * One partition each would do for one cluster; eight spread many. The three inputs of a decision
   * must have the same number, so that the same instance owns all of a cluster's records.
   */
  public static final int PARTITIONS = 8;

  private Topics() {}

  /** A topic's name, number of partitions and settings as Kafka names them. */
  public record Spec(String name, int partitions, Map<String, String> settings) {}

  /** Every topic of the contract, the dlq of each included. */
  public static List<Spec> all() {
    return List.of(
        keptFor(OBSERVATIONS, PARTITIONS, Duration.ofDays(1)),
        new Spec(EVENTS, PARTITIONS, Map.of("cleanup.policy", "delete", "retention.ms", "-1")),
        keptFor(COMMANDS, PARTITIONS, Duration.ofDays(7)),
        new Spec(
            TOPOLOGY,
            1,
            Map.of(
                "cleanup.policy",
                "compact",
                "min.cleanable.dirty.ratio",
                "0.1",
                "segment.ms",
                "3600000")),
        keptFor(SHADOW_EVENTS, PARTITIONS, Duration.ofDays(7)),
        keptFor(OBSERVATIONS + DLQ_SUFFIX, 1, Duration.ofDays(30)),
        keptFor(EVENTS + DLQ_SUFFIX, 1, Duration.ofDays(30)),
        keptFor(COMMANDS + DLQ_SUFFIX, 1, Duration.ofDays(30)),
        keptFor(TOPOLOGY + DLQ_SUFFIX, 1, Duration.ofDays(30)));
  }

  private static Spec keptFor(String name, int partitions, Duration kept) {
    return new Spec(
        name,
        partitions,
        Map.of("cleanup.policy", "delete", "retention.ms", Long.toString(kept.toMillis())));
  }
}
