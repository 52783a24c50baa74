package io.shardguard.failover.replay;

import io.shardguard.events.Envelope;
import io.shardguard.events.TransitionEvent;
import io.shardguard.events.TransitionEvent.TransitionAbandoned;
import io.shardguard.events.TransitionEvent.TransitionCompleted;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is decided again, and how.
 *
 * @param from decisions before are taken as they are; null: all are decided again
 * @param to decisions after are passed over; null: none
 * @param settings other than the recorded ones, by their names without what all have in front
 */
public record ReplayOptions(Instant from, Instant to, Map<String, String> settings) {

  /** Everything, as it was. */
  public static final ReplayOptions EVERYTHING = new ReplayOptions(null, null, Map.of());

  boolean includes(Instant at) {
    return (from == null || !at.isBefore(from)) && (to == null || !at.isAfter(to));
  }

  /** From a transition's beginning to its end, or to the log's; empty if it is not in the log. */
  public static Optional<ReplayOptions> incident(
      RecordedLog log, String transition, Map<String, String> settings) {
    List<Envelope<?>> all =
        log.entries().stream()
            .filter(entry ->
                entry instanceof LogEntry.OfEvent e
                    && e.envelope().data() instanceof TransitionEvent t
                    && t.transition().equals(transition))
            .<Envelope<?>>map(entry -> ((LogEntry.OfEvent) entry).envelope())
            .toList();
    if (all.isEmpty()) {
      return Optional.empty();
    }
    Envelope<?> last = all.get(all.size() - 1);
    boolean over =
        last.data() instanceof TransitionCompleted || last.data() instanceof TransitionAbandoned;
    return Optional.of(new ReplayOptions(all.get(0).time(), over ? last.time() : null, settings));
  }
}
