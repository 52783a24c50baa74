package io.shardguard.cli.replay;

import io.shardguard.cli.Failure;
import io.shardguard.cli.local.Installation;
import io.shardguard.eventlog.LogReader;
import io.shardguard.events.Envelope;
import io.shardguard.events.Event;
import io.shardguard.failover.KafkaLog;
import io.shardguard.failover.replay.LogFile;
import io.shardguard.failover.replay.RecordedLog;
import io.shardguard.failover.replay.UnusableLogException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Where recorded logs come from. */
public final class LogSource {

  private static final Duration WHOLE_LOG = Duration.ofMinutes(2);

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

  /**
   * The log in a file that was named on the command line.
   *
   * @throws ParameterException if there is no such file, or it is no log
   */
  public static RecordedLog named(Path file, CommandSpec command) {
    if (!(Files.isRegularFile(file) && Files.isReadable(file))) {
      throw new ParameterException(command.commandLine(), file + " is no file that can be read.");
    }
    try {
      return file(file);
    } catch (UnusableLogException e) {
      throw new ParameterException(command.commandLine(), file + ": " + e.getMessage());
    }
  }

  /**
   * Every event of a running cluster so far, by time.
   *
   * @throws TimeoutException if Kafka did not answer in time
   */
  public static List<Envelope<Event>> events(Installation installation) throws TimeoutException {
    List<Envelope<Event>> events = new ArrayList<>();
    new LogReader(installation.bootstrapServers())
        .events(
            WHOLE_LOG,
            event -> {
              if (event.cluster().equals(installation.cluster())) {
                events.add(event);
              }
            });
    events.sort(Comparator.comparing(Envelope::time));
    return events;
  }

  /** The log of a cluster whose Kafka runs. */
  public static KafkaLog kafka(Installation installation) {
    return new KafkaLog(installation.bootstrapServers(), installation.cluster());
  }
}
