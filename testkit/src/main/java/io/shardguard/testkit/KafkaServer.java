package io.shardguard.testkit;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.logging.Level;
import java.util.logging.Logger;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.Feature;
import org.apache.kafka.server.common.MetadataVersion;

/**
 * A real Kafka broker (KRaft, one node) in this JVM, on free ports of 127.0.0.1.
 *
 * <p>It starts in about three seconds on an idle machine; share one among the tests of a JVM where
 * possible. Topics are not created by use: call {@link #createTopic}.
 */
public final class KafkaServer implements AutoCloseable {

  private static final String ADDRESS = "127.0.0.1";
  private static final long ADMIN_BOUND_SECONDS = 60;

  /** Held here, because the log manager forgets loggers, and their levels, that nobody holds. */
  private static final List<Logger> QUIET =
      List.of(
          Logger.getLogger("kafka"),
          Logger.getLogger("org.apache.kafka"),
          Logger.getLogger("state.change.logger"));

  private final int clientPort = FreePorts.on(ADDRESS);
  private final int controllerPort = FreePorts.on(ADDRESS);
  private final Path directory;
  private KafkaRaftServer server;

  private KafkaServer() {
    QUIET.forEach(logger -> logger.setLevel(Level.SEVERE));
    try {
      directory = Files.createTempDirectory("sg-kafka-");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make a temporary directory", e);
    }
    Runtime.getRuntime().addShutdownHook(new Thread(() -> ScratchDirectory.delete(directory)));
  }

  /** Starts a broker with an empty log and waits until it answers. */
  public static KafkaServer started() {
    KafkaServer kafka = new KafkaServer();
    kafka.format();
    kafka.start();
    return kafka;
  }

  /** What clients take as {@code bootstrap.servers}. */
  public String bootstrapServers() {
    return ADDRESS + ":" + clientPort;
  }

  /**
   * Creates a topic with one replica and these topic settings, e.g. {@code cleanup.policy=compact}.
   */
  public void createTopic(String topic, int partitions, Map<String, String> settings) {
    NewTopic wanted =
        new NewTopic(topic, Optional.of(partitions), Optional.of((short) 1)).configs(settings);
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers()))) {
      admin.createTopics(List.of(wanted)).all().get(ADMIN_BOUND_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("topic " + topic + " was not created", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while " + topic + " was created", e);
    }
  }

  /** Starts the broker again on the same ports and log after {@link #stop}. */
  public void start() {
    server = new KafkaRaftServer(new KafkaConfig(properties()), Time.SYSTEM);
    server.startup();
  }

  /** Stops the broker and keeps its log. */
  public void stop() {
    if (server != null) {
      server.shutdown();
      server.awaitShutdown();
      server = null;
    }
  }

  /** Stops the broker and removes its log. */
  @Override
  public void close() {
    stop();
    ScratchDirectory.delete(directory);
  }

  private void format() {
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    try {
      new Formatter()
          .setClusterId(Uuid.randomUuid().toString())
          .setNodeId(1)
          .setSupportedFeatures(Feature.PRODUCTION_FEATURES)
          .setReleaseVersion(MetadataVersion.LATEST_PRODUCTION)
          .setDirectories(List.of(directory.toString()))
          .setMetadataLogDirectory(directory.toString())
          .setControllerListenerName("CONTROLLER")
          .setPrintStream(nowhere)
          .run();
    } catch (Exception e) {
      throw new IllegalStateException("cannot format " + directory, e);
    }
  }

  private Map<String, String> properties() {
    return Map.ofEntries(
        Map.entry("node.id", "1"),
        Map.entry("process.roles", "broker,controller"),
        Map.entry("listeners", "CLIENT://" + bootstrapServers() + ",CONTROLLER://" + controller()),
        Map.entry("advertised.listeners", "CLIENT://" + bootstrapServers()),
        Map.entry("listener.security.protocol.map", "CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT"),
        Map.entry("inter.broker.listener.name", "CLIENT"),
        Map.entry("controller.listener.names", "CONTROLLER"),
        Map.entry("controller.quorum.voters", "1@" + controller()),
        Map.entry("log.dirs", directory.toString()),
        Map.entry("auto.create.topics.enable", "false"),
        Map.entry("group.initial.rebalance.delay.ms", "0"),
        Map.entry("offsets.topic.replication.factor", "1"),
        Map.entry("offsets.topic.num.partitions", "4"),
        Map.entry("transaction.state.log.replication.factor", "1"),
        Map.entry("transaction.state.log.min.isr", "1"),
        Map.entry("transaction.state.log.num.partitions", "4"),
        Map.entry("share.coordinator.state.topic.replication.factor", "1"),
        Map.entry("share.coordinator.state.topic.min.isr", "1"),
        Map.entry("log.cleaner.dedupe.buffer.size", "4194304"),
        Map.entry("log.segment.bytes", "16777216"),
        Map.entry("log.index.size.max.bytes", "1048576"));
  }

  private String controller() {
    return ADDRESS + ":" + controllerPort;
  }
}
