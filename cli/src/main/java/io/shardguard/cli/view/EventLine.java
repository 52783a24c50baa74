package io.shardguard.cli.view;

import io.shardguard.events.Envelope;
import io.shardguard.events.Event;
import io.shardguard.failover.explain.EventSentence;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** An event as one line: time, group, sentence. */
public final class EventLine {

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS", Locale.ROOT);

  private EventLine() {}

  public static String of(Envelope<Event> envelope, ZoneId zone) {
    return "%s  %-7s  %s"
        .formatted(
            TIME.format(envelope.time().atZone(zone)),
            group(envelope.data()),
            EventSentence.of(envelope.data()));
  }

  private static String group(Event event) {
    return event.aboutGroup().isPresent() ? "group " + event.aboutGroup().getAsInt() : "cluster";
  }
}
