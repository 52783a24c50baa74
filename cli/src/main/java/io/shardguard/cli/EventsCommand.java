package io.shardguard.cli;

import io.shardguard.cli.local.Health;
import io.shardguard.cli.local.Installation;
import io.shardguard.cli.view.EventLine;
import io.shardguard.eventlog.LogReader;
import io.shardguard.events.Envelope;
import io.shardguard.events.Event;
import io.shardguard.events.EventCodec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows the log. */
@Command(
    name = "events",
    description = "Show what happened and what was decided, one line an event.",
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:Shown.",
      "1:Kafka did not answer in time.",
      "2:The command line is wrong.",
      "3:Kafka is not running."
    })
final class EventsCommand implements Callable<Integer> {

  private static final Duration WHOLE_LOG = Duration.ofMinutes(2);

  private final EventCodec codec = new EventCodec();

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

  @Option(names = "--json", description = "Write each event as one line of JSON (a CloudEvent).")
  private boolean json;

  @Override
  public Integer call() throws TimeoutException {
    Installation installation = state.installation();
    if (!new Health().accepts("127.0.0.1", installation.ports().kafka())) {
      throw Failure.precondition(
          "Kafka at " + installation.bootstrapServers() + " takes no connection.",
          "Start the cluster with ./shardguard up.");
    }
    LogReader log = new LogReader(installation.bootstrapServers());
    Terminal terminal = Terminal.standard();
    if (follow) {
      log.follow(
          since == null ? Instant.now() : since,
          () -> false,
          event -> print(event, installation, terminal));
    } else {
      List<Envelope<Event>> events = new ArrayList<>();
      log.events(WHOLE_LOG, events::add);
      events.sort(Comparator.comparing(Envelope::time));
      events.stream()
          .filter(event -> since == null || !event.time().isBefore(since))
          .forEach(event -> print(event, installation, terminal));
    }
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
