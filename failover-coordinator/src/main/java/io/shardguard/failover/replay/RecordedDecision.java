package io.shardguard.failover.replay;

import io.shardguard.events.Basis;
import io.shardguard.events.Envelope.Cause;
import io.shardguard.events.Event;
import io.shardguard.failover.replay.LogEntry.OfEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A decision as the log has it.
 *
 * @param place of its first event
 * @param at when it was decided
 * @param cause the record that it was asked about; empty for an action's outcome
 * @param unknown parts of it that cannot be read
 */
public record RecordedDecision(
    Cause place,
    Instant at,
    Optional<Cause> cause,
    Optional<Basis> basis,
    List<Event> events,
    List<String> unknown) {

  /** The decisions and the events of others, in the log's order. */
  static List<Object> in(List<LogEntry> events) {
    List<Object> parts = new ArrayList<>();
    Growing open = null;
    for (LogEntry entry : events) {
      if (entry instanceof OfEvent event && !event.decided()) {
        parts.add(entry);
      } else if (open != null && open.continues(entry)) {
        open.add(entry);
      } else if (entry instanceof OfEvent event) {
        open = new Growing(event);
        parts.add(open);
      } else {
        parts.add(entry);
      }
    }
    return parts.stream().map(part -> part instanceof Growing g ? g.done() : part).toList();
  }

  /** The events of one decision follow one another, but for those that others wrote meanwhile. */
  private static final class Growing {

    private final OfEvent first;
    private final List<Event> events = new ArrayList<>();
    private final List<String> unknown = new ArrayList<>();

    Growing(OfEvent first) {
      this.first = first;
      events.add(first.envelope().data());
    }

    boolean continues(LogEntry entry) {
      return switch (entry) {
        case OfEvent e ->
            e.basis().isEmpty()
                && e.envelope().time().equals(first.envelope().time())
                && e.envelope().causes().equals(first.envelope().causes());
        // What it is cannot be known: it may be the end of this one.
        case LogEntry.Unknown u -> true;
        default -> false;
      };
    }

    void add(LogEntry entry) {
      if (entry instanceof OfEvent event) {
        events.add(event.envelope().data());
      } else if (entry instanceof LogEntry.Unknown(var place, var at, var why)) {
        unknown.add(why);
      }
    }

    RecordedDecision done() {
      return new RecordedDecision(
          first.place(),
          first.envelope().time(),
          first.envelope().causes().stream().findFirst(),
          first.basis(),
          List.copyOf(events),
          List.copyOf(unknown));
    }
  }
}
