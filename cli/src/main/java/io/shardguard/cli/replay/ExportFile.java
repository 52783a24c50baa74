package io.shardguard.cli.replay;

import io.shardguard.cli.local.Installation;
import io.shardguard.eventlog.LogExport;
import io.shardguard.events.Topics;
import io.shardguard.failover.replay.LogFile;
import io.shardguard.failover.replay.LogStart;
import io.shardguard.failover.replay.Replay;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeoutException;

/** Writes the recorded log of a running cluster to a file that {@link LogSource#file} reads. */
public final class ExportFile {

  /** What decisions are decided again from. */
  public static final List<String> DECISIONS =
      List.of(Topics.EVENTS, Topics.COMMANDS, Topics.TOPOLOGY);

  private static final Duration WHOLE_TOPIC = Duration.ofMinutes(2);

  private ExportFile() {}

  /**
   * To a file beside it first: an export that failed leaves none that looks whole. A file of this
   * name is overwritten.
   *
   * @param since older records are left out; null: from the first
   * @param until later records are left out; null: to the end
   * @return how many records there were
   * @throws TimeoutException if Kafka did not answer in time
   */
  public static long write(
      Installation installation, Path file, List<String> topics, Instant since, Instant until)
      throws TimeoutException, IOException {
    Path unfinished = file.resolveSibling(file.getFileName() + ".part");
    long records;
    try (Writer lines = Files.newBufferedWriter(unfinished)) {
      lines.write(
          LogFile.head(
              installation.cluster(), Instant.now(), since, until, start(installation, since)));
      lines.write('\n');
      records =
          new LogExport(installation.bootstrapServers(), installation.cluster())
              .write(topics, since, until, WHOLE_TOPIC, lines);
      lines.write(LogFile.end(records));
      lines.write('\n');
    } catch (IOException | TimeoutException | RuntimeException e) {
      Files.deleteIfExists(unfinished);
      throw e;
    }
    Files.move(unfinished, file, StandardCopyOption.REPLACE_EXISTING);
    return records;
  }

  /** What was known when the export begins: else nothing in it could be decided again. */
  private static LogStart start(Installation installation, Instant since) throws TimeoutException {
    return since == null
        ? LogStart.NOTHING
        : Replay.startAt(LogSource.kafka(installation).decisions(since), since);
  }
}
