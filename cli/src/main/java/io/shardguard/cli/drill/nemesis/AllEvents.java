package io.shardguard.cli.drill.nemesis;

import io.shardguard.cli.local.Installation;
import io.shardguard.eventlog.LogReader;
import io.shardguard.events.Envelope;
import io.shardguard.events.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeoutException;

/** The events of a cluster's log. */
final class AllEvents {

  private static final Duration WHOLE_LOG = Duration.ofMinutes(2);

  private AllEvents() {}

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
}
