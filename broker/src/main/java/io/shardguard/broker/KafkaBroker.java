package io.shardguard.broker;

import io.shardguard.eventlog.KafkaTopics;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.logging.LogManager;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.utils.Time;

/**
 * Runs Apache Kafka (KRaft, one node) until it is told to stop by SIGTERM. Formats an empty
 * directory at its first start, makes the missing topics of the contract, and then prints one line,
 * {@code READY host:port}, on standard output. Exit codes: 2 for wrong arguments or a directory
 * that cannot be used, 1 if Kafka does not start.
 */
public final class KafkaBroker {

  private static final Duration TOPICS_DEADLINE = Duration.ofSeconds(60);
  private static final int FAILED = 1;
  private static final int MISUSED = 2;

  private KafkaBroker() {}

  /** See {@link BrokerOptions} for the arguments. */
  public static void main(String[] arguments) {
    logQuietly();
    try {
      BrokerOptions options = BrokerOptions.parse(List.of(arguments), System.getenv());
      new DataDirectory(options.data()).prepare(options.quorum());
      run(options);
    } catch (IllegalArgumentException e) {
      exit(MISUSED, e.getMessage() + "\n" + BrokerOptions.USAGE);
    } catch (DataDirectory.UnusableException e) {
      exit(MISUSED, e.getMessage());
    } catch (Exception e) {
      exit(FAILED, "Kafka did not start: " + rootCause(e));
    }
  }

  private static void run(BrokerOptions options) throws TimeoutException, InterruptedException {
    KafkaRaftServer server =
        new KafkaRaftServer(new KafkaConfig(BrokerSettings.of(options)), Time.SYSTEM);
    server.startup();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server), "stop-broker"));
    if (options.quorum().copies() == 1) {
      KafkaTopics.createMissing(options.bootstrapServers(), (short) 1, TOPICS_DEADLINE);
    } // Of several, none is there alone: the provisioner makes the topics when all are.
    System.out.println("READY " + options.bootstrapServers());
    server.awaitShutdown();
  }

  /**
   * Kafka gives its log back closed and flushed: the next start has nothing to recover and no
   * session to wait for.
   */
  private static void stop(KafkaRaftServer server) {
    server.shutdown();
    server.awaitShutdown();
  }

  private static void logQuietly() {
    try (InputStream settings = KafkaBroker.class.getResourceAsStream("logging.properties")) {
      LogManager.getLogManager().readConfiguration(settings);
    } catch (IOException e) {
      throw new UncheckedIOException("the broker's logging.properties cannot be read", e);
    }
  }

  private static Throwable rootCause(Throwable failure) {
    return failure.getCause() == null ? failure : rootCause(failure.getCause());
  }

  private static void exit(int code, String message) {
    System.err.println("broker: " + message);
    System.exit(code);
  }
}
