package io.shardguard.cli.replay;

import io.shardguard.cli.Failure;
import io.shardguard.cli.local.Installation;
import io.shardguard.failover.KafkaLog;
import io.shardguard.failover.replay.LogFile;
import io.shardguard.failover.replay.RecordedLog;
import io.shardguard.failover.replay.UnusableLogException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where recorded logs come from. */
public final class LogSource {

  private LogSource() {}

  /**
   * The log in a file.
   *
   * @throws UnusableLogException if it is none
   * @throws Failure if the file cannot be read
   */
  public static RecordedLog file(Path file) throws UnusableLogException {
    try (BufferedReader lines = Files.newBufferedReader(file)) {
      return LogFile.read(lines.lines().iterator());
    } catch (IOException e) {
      throw Failure.failed(file + " cannot be read: " + e.getMessage(), "Name another file.", e);
    }
  }

  /** The log of a cluster whose Kafka runs. */
  public static KafkaLog kafka(Installation installation) {
    return new KafkaLog(installation.bootstrapServers(), installation.cluster());
  }
}
