package io.shardguard.cli.drill.nemesis;

import io.shardguard.cli.local.Installation;
import io.shardguard.cli.local.OwnedFiles;
import io.shardguard.cli.local.RunUser;
import io.shardguard.eventlog.LogReader;
import io.shardguard.events.Envelope;
import io.shardguard.events.Event;
import io.shardguard.events.EventCodec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeoutException;

/** The cluster's whole log, to be kept: as {@code events --json} shows it. */
final class EventExport {

  private static final Duration WHOLE_LOG = Duration.ofMinutes(2);

  private EventExport() {}

  /** Every event of the cluster so far, by time. */
  static List<Envelope<Event>> read(Installation installation) throws TimeoutException {
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

  static void write(List<Envelope<Event>> events, Path file) throws IOException {
    EventCodec codec = new EventCodec();
    StringBuilder lines = new StringBuilder();
    events.forEach(
        event -> lines.append(new String(codec.write(event), StandardCharsets.UTF_8)).append('\n'));
    new OwnedFiles(RunUser.choose()).write(file, lines.toString(), "rw-r--r--");
  }
}
