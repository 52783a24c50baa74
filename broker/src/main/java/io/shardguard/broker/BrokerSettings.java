package io.shardguard.broker;

import io.shardguard.broker.BrokerOptions.Quorum;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The broker's settings beyond Kafka's defaults.
 *
 * <h2>What survives what</h2>
 *
 * A record is acknowledged once it is in the operating system's page cache: it survives every end
 * of the broker's process, {@code kill -9} included. The log is flushed to disk in the background
 * about once a second, so that a power loss (or a crash of the operating system) can take the last
 * two seconds of acknowledged records with it, decisions included. One broker on one machine has no
 * second copy; a flush for every record would put the disk into the path of every failover. Where
 * decisions must survive a machine, run three brokers on three machines.
 */
final class BrokerSettings {

  static final String CONTROLLER_LISTENER = "CONTROLLER";

  private static final Map<String, String> BEHAVIOUR =
      Map.ofEntries(
          // Topics come from the contract alone: a misspelt name is an error, not a new topic.
          Map.entry("auto.create.topics.enable", "false"),

          // After a kill -9 the new process registers once its predecessor's session is over:
          // shorter
          // than Kafka's 9 s. With 1.5 s a starved machine fenced its only broker again and again.
          Map.entry("broker.session.timeout.ms", "3000"),
          Map.entry("broker.heartbeat.interval.ms", "300"),
          Map.entry("group.initial.rebalance.delay.ms", "0"),

          // See the class comment.
          Map.entry("log.flush.interval.ms", "1000"),
          Map.entry("log.flush.scheduler.interval.ms", "1000"),

          // Small: a control plane's log is a few records a second.
          Map.entry("offsets.topic.num.partitions", "4"),
          Map.entry("transaction.state.log.num.partitions", "4"),
          Map.entry("num.network.threads", "2"),
          Map.entry("num.io.threads", "2"),
          Map.entry("background.threads", "2"),
          Map.entry("log.cleaner.dedupe.buffer.size", "4194304"),
          Map.entry("log.segment.bytes", "16777216"),
          Map.entry("log.index.size.max.bytes", "1048576"));

  private BrokerSettings() {}

  static Map<String, String> of(BrokerOptions options) {
    Map<String, String> settings = new HashMap<>(place(options));
    settings.putAll(copies(options.quorum()));
    settings.putAll(BEHAVIOUR);
    return settings;
  }

  private static Map<String, String> place(BrokerOptions options) {
    String client = "CLIENT://" + options.bootstrapServers();
    String outsideBound = "";
    String outsideTold = "";
    if (options.outsidePort() > 0) {
      // It comes in through whichever of the container's networks publishes the port.
      outsideBound = ",OUTSIDE://0.0.0.0:" + options.outsidePort();
      outsideTold = ",OUTSIDE://127.0.0.1:" + options.outsidePort();
    }
    String controller = options.address() + ":" + options.controllerPort();
    return Map.ofEntries(
        Map.entry("node.id", Integer.toString(options.quorum().node())),
        Map.entry("process.roles", "broker,controller"),
        Map.entry(
            "listeners", client + outsideBound + "," + CONTROLLER_LISTENER + "://" + controller),
        Map.entry("advertised.listeners", client + outsideTold),
        Map.entry(
            "listener.security.protocol.map",
            "CLIENT:PLAINTEXT,OUTSIDE:PLAINTEXT,CONTROLLER:PLAINTEXT"),
        Map.entry("inter.broker.listener.name", "CLIENT"),
        Map.entry("controller.listener.names", CONTROLLER_LISTENER),
        Map.entry("controller.quorum.voters", voters(options.quorum(), controller)),
        Map.entry("log.dirs", options.data().toString()));
  }

  private static String voters(Quorum quorum, String own) {
    if (quorum.controllers().isEmpty()) {
      return quorum.node() + "@" + own;
    }
    return IntStream.range(0, quorum.controllers().size())
        .mapToObj(i -> (i + 1) + "@" + quorum.controllers().get(i))
        .collect(Collectors.joining(","));
  }

  /** Also of what Kafka keeps for itself; a record is acknowledged by more than half. */
  private static Map<String, String> copies(Quorum quorum) {
    String copies = Integer.toString(quorum.copies());
    String needed = Integer.toString(quorum.copiesNeeded());
    return Map.of(
        "default.replication.factor", copies,
        "min.insync.replicas", needed,
        "offsets.topic.replication.factor", copies,
        "transaction.state.log.replication.factor", copies,
        "transaction.state.log.min.isr", needed,
        "share.coordinator.state.topic.replication.factor", copies,
        "share.coordinator.state.topic.min.isr", needed);
  }
}
