package io.shardguard.cli;

import io.shardguard.cli.local.Installation;
import io.shardguard.cli.replay.ExportFile;
import io.shardguard.cli.replay.LogSource;
import io.shardguard.cli.view.EventLine;
import io.shardguard.eventlog.LogReader;
import io.shardguard.events.Envelope;
import io.shardguard.events.Event;
import io.shardguard.events.EventCodec;
import io.shardguard.events.Topics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Shows the log. */
@Command(
    name = "events",
    description = "Show what happened and what was decided, one line an event.",
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:Shown.",
      "1:Kafka did not answer in time, or the file cannot be written.",
      "2:The command line is wrong, or the file exists.",
      "3:Kafka is not running."
    })
final class EventsCommand implements Callable<Integer> {

  private final EventCodec codec = new EventCodec();

  @Spec private CommandSpec command;

  @Mixin private StateOption state;

  @Option(
      names = "--follow",
      description = "Go on with new events as they come, until interrupted.")
  private boolean follow;

  @Option(
      names = "--since",
      paramLabel = "WHEN",
      converter = MomentConverter.class,
      description =
          "Only from then on: a time (2026-11-24T08:00:00Z) or how long ago (90s, 10m, 2h, 1d). Default: all; with"
              + " --follow: now.")
  private Instant since;

  @Option(
      names = "--until",
      paramLabel = "WHEN",
      converter = MomentConverter.class,
      description = "Only until then, as with --since. Default: all; not with --follow.")
  private Instant until;

  @Option(
      names = "--export",
      paramLabel = "FILE",
      description =
          "Write the log as it was recorded (events, commands, topology) to a file, one record of JSON a line, for"
              + " replay.")
  private Path export;

  @Option(
      names = "--with-observations",
      description = "With --export: the observations, too; they are kept for a day.")
  private boolean withObservations;

  @Option(names = "--force", description = "With --export: overwrite a file that exists.")
  private boolean force;

  @Option(names = "--json", description = "Write each event as one line of JSON (a CloudEvent).")
  private boolean json;

  @Override
  public Integer call() throws TimeoutException, IOException {
    refuseWhatDoesNotGoTogether();
    Installation installation = state.withKafka();
    if (export != null) {
      return export(installation);
    }
    Terminal terminal = Terminal.standard();
    if (follow) {
      new LogReader(installation.bootstrapServers())
          .follow(
              since == null ? Instant.now() : since,
              () -> false,
              event -> print(event, installation, terminal));
    } else {
      LogSource.events(installation).stream()
          .filter(event -> since == null || !event.time().isBefore(since))
          .filter(event -> until == null || !event.time().isAfter(until))
          .forEach(event -> print(event, installation, terminal));
    }
    return ExitCodes.OK;
  }

  private void refuseWhatDoesNotGoTogether() {
    if (follow && (export != null || until != null)) {
      throw misuse("--follow goes neither with --export nor with --until.");
    }
    if (export == null && (withObservations || force)) {
      throw misuse("--with-observations and --force go with --export only.");
    }
    if (export != null && Files.exists(export) && !force) {
      throw misuse(export + " exists: say --force to overwrite it.");
    }
  }

  private ParameterException misuse(String message) {
    return new ParameterException(command.commandLine(), message);
  }

  private int export(Installation installation) throws TimeoutException, IOException {
    List<String> topics = new ArrayList<>(ExportFile.DECISIONS);
    if (withObservations) {
      topics.add(Topics.OBSERVATIONS);
    }
    long records = ExportFile.write(installation, export, topics, since, until);
    Terminal.standard().line(records + " records in " + export);
    return ExitCodes.OK;
  }

  private void print(Envelope<Event> event, Installation installation, Terminal terminal) {
    if (event.cluster().equals(installation.cluster())) {
      terminal.line(
          json
              ? new String(codec.write(event), StandardCharsets.UTF_8)
              : EventLine.of(event, ZoneId.systemDefault()));
    }
  }
}
