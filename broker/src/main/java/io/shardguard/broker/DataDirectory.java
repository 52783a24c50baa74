package io.shardguard.broker;

import io.shardguard.broker.BrokerOptions.Quorum;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.Feature;
import org.apache.kafka.server.common.MetadataVersion;

/** The directory that holds the broker's log, and the cluster id in {@code meta.properties}. */
final class DataDirectory {

  private static final String META = "meta.properties";

  /**
   * Lies in a directory that is being formatted, so that an interrupted first start is told from
   * foreign files.
   */
  private static final String FORMATTING = ".shardguard-formatting";

  private final Path path;

  DataDirectory(Path path) {
    this.path = path;
  }

  /** This directory cannot be used; the message says why and what to do. */
  static final class UnusableException extends Exception {
    private static final long serialVersionUID = 1L;

    UnusableException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * Formats the directory if it is empty or missing; leaves a Kafka directory as it is.
   *
   * @throws UnusableException if it holds other files, or cannot be written
   */
  void prepare(Quorum quorum) throws UnusableException {
    try {
      Files.createDirectories(path);
      if (Files.exists(path.resolve(META))) {
        return;
      }
      if (holdsOtherFiles()) {
        throw new UnusableException(
            path
                + " is not empty and is no Kafka directory (it has no "
                + META
                + "): name an empty or a new one",
            null);
      }
      format(quorum);
    } catch (IOException e) {
      throw new UnusableException(path + " cannot be used as the broker's directory: " + e, e);
    }
  }

  private boolean holdsOtherFiles() throws IOException {
    if (Files.exists(path.resolve(FORMATTING))) {
      return false;
    }
    try (Stream<Path> files = Files.list(path)) {
      return files.anyMatch(file -> !file.endsWith("lost+found"));
    }
  }

  private void format(Quorum quorum) throws IOException, UnusableException {
    Path marker = path.resolve(FORMATTING);
    Files.write(marker, new byte[0]);
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    try {
      new Formatter()
          .setClusterId(
              quorum.clusterId().isEmpty() ? Uuid.randomUuid().toString() : quorum.clusterId())
          .setNodeId(quorum.node())
          .setSupportedFeatures(Feature.PRODUCTION_FEATURES)
          .setReleaseVersion(MetadataVersion.LATEST_PRODUCTION)
          .setDirectories(List.of(path.toString()))
          .setMetadataLogDirectory(path.toString())
          .setControllerListenerName(BrokerSettings.CONTROLLER_LISTENER)
          .setPrintStream(nowhere)
          .run();
    } catch (Exception e) {
      throw new UnusableException(path + " could not be formatted: " + e.getMessage(), e);
    }
    Files.delete(marker);
  }
}
