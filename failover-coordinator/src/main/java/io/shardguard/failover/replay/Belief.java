package io.shardguard.failover.replay;

import io.shardguard.events.Basis;
import io.shardguard.events.Observation;
import io.shardguard.failover.replay.LogEntry.OfObservation;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What each observer had last said when a decision was made, from what the decisions carry. */
final class Belief {

  private record Moment(String observer, Instant at) {}

  private final Map<String, Observation> carried = new TreeMap<>();
  private final Map<Moment, Observation> recorded = new HashMap<>();

  Belief(LogStart start, List<LogEntry> log) {
    start.observations().forEach(o -> carried.put(o.observer(), o));
    log.forEach(entry -> {
      if (entry instanceof OfObservation(var place, var at, var observation)) {
        recorded.put(new Moment(observation.observer(), observation.at()), observation);
      }
    });
  }

  /** Takes in what a decision carries. */
  void take(Basis basis) {
    basis.observations().forEach(o -> carried.put(o.observer(), o));
  }

  /** The newest that decisions carried, by observer. */
  Map<String, Observation> carried() {
    return new TreeMap<>(carried);
  }

  /** What was known, by observer; empty where the log does not have it. */
  Map<String, Optional<Observation>> of(Basis basis) {
    Map<String, Optional<Observation>> seen = new TreeMap<>();
    basis.seen().forEach((observer, at) -> seen.put(observer, find(observer, at)));
    return seen;
  }

  private Optional<Observation> find(String observer, Instant at) {
    Observation newest = carried.get(observer);
    return newest != null && newest.at().equals(at)
        ? Optional.of(newest)
        : Optional.ofNullable(recorded.get(new Moment(observer, at)));
  }
}
