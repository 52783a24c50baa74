package io.shardguard.failover;

import io.shardguard.eventlog.LogExport;
import io.shardguard.events.Topics;
import io.shardguard.failover.replay.LogFile;
import io.shardguard.failover.replay.LogStart;
import io.shardguard.failover.replay.RecordedLog;
import io.shardguard.failover.replay.UnusableLogException;
import java.io.IOException;
import java.io.StringWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeoutException;

/**
 * A cluster's recorded log as Kafka has it now. Needs nothing of the service: the command line
 * reads by it, too.
 */
public final class KafkaLog {

  private static final Duration WHOLE_LOG = Duration.ofMinutes(2);

  private final String bootstrapServers;
  private final String cluster;

  /** The log of one cluster; connects at each call. */
  public KafkaLog(String bootstrapServers, String cluster) {
    this.bootstrapServers = bootstrapServers;
    this.cluster = cluster;
  }

  /**
   * Its events and commands.
   *
   * @param until later ones are left out; null: to the end
   * @throws TimeoutException if Kafka does not answer in time
   */
  public RecordedLog decisions(Instant until) throws TimeoutException {
    return read(until, null);
  }

  /**
   * Its events and commands, and what was observed.
   *
   * @param from observations before are left out; null: as far back as they are kept
   * @param to later records are left out; null: to the end
   * @throws TimeoutException if Kafka does not answer in time
   */
  public RecordedLog withObservations(Instant from, Instant to) throws TimeoutException {
    return read(to, from == null ? Instant.EPOCH : from);
  }

  private RecordedLog read(Instant until, Instant observedFrom) throws TimeoutException {
    LogExport export = new LogExport(bootstrapServers, cluster);
    StringWriter text = new StringWriter();
    try {
      text.write(LogFile.head(cluster, null, null, until, LogStart.NOTHING) + '\n');
      long records =
          export.write(List.of(Topics.EVENTS, Topics.COMMANDS), null, until, WHOLE_LOG, text);
      if (observedFrom != null) {
        records += export.write(List.of(Topics.OBSERVATIONS), observedFrom, until, WHOLE_LOG, text);
      }
      text.write(LogFile.end(records));
      return LogFile.read(text.toString().lines().iterator());
    } catch (IOException | UnusableLogException e) {
      throw new IllegalStateException("what Kafka has is no log: " + e.getMessage(), e);
    }
  }
}
