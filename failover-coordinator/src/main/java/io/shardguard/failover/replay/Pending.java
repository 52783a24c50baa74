package io.shardguard.failover.replay;

import io.shardguard.events.Envelope.Cause;
import io.shardguard.failover.replay.LogEntry.OfCommand;
import io.shardguard.failover.replay.LogEntry.OfObservation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** The inputs that the record has not come to yet. */
final class Pending {

  private final List<LogEntry> entries = new ArrayList<>();

  Pending(List<LogEntry> log) {
    log.stream()
        .filter(entry -> entry instanceof OfObservation || entry instanceof OfCommand)
        .forEach(entries::add);
  }

  void add(LogEntry entry) {
    entries.add(entry);
  }

  /** The inputs that had been taken in before a decision, in the order of their times. */
  List<LogEntry> before(RecordedDecision decision) {
    return decision.basis().isPresent()
        ? take(entry -> wasRead(entry, decision))
        : take(entry ->
            !decision.cause().equals(Optional.of(entry.place()))
                && !entry.at().isAfter(decision.at())
                && precedesCause(entry, decision));
  }

  private static boolean wasRead(LogEntry entry, RecordedDecision decision) {
    Map<String, Cause> read =
        decision.basis().orElseThrow().read().stream()
            .collect(Collectors.toMap(Cause::topic, cause -> cause, (a, b) -> b));
    Cause upTo = read.get(entry.place().topic());
    if (upTo == null) {
      // The owner had just begun: if anybody took it in, then the one before.
      return entry.at().isBefore(decision.at()) && precedesCause(entry, decision);
    }
    return entry.place().offset() <= upTo.offset();
  }

  private static boolean precedesCause(LogEntry entry, RecordedDecision decision) {
    return decision
        .cause()
        .filter(cause -> cause.topic().equals(entry.place().topic()))
        .map(cause -> entry.place().offset() < cause.offset())
        .orElse(true);
  }

  /** The input itself; it is pending no more. */
  Optional<LogEntry> at(Cause place) {
    return take(entry -> entry.place().equals(place)).stream().findFirst();
  }

  /** All that is left. */
  List<LogEntry> rest() {
    return take(entry -> true);
  }

  private List<LogEntry> take(Predicate<LogEntry> which) {
    List<LogEntry> taken = new ArrayList<>();
    for (Iterator<LogEntry> all = entries.iterator(); all.hasNext(); ) {
      LogEntry entry = all.next();
      if (which.test(entry)) {
        taken.add(entry);
        all.remove();
      }
    }
    taken.sort(Comparator.comparing(LogEntry::at));
    return taken;
  }
}
