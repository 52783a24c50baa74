package io.shardguard.failover.replay;

import java.util.List;

/**
 * A cluster's log, or a part of it, as far as it can be read.
 *
 * @param entries each topic's in its order; the topics follow one another
 * @param problems what is not as it should be, in the order in which it was found
 */
public record RecordedLog(
    String cluster, LogStart start, List<LogEntry> entries, List<Problem> problems) {

  /**
   * Something that is not as it should be.
   *
   * @param line of the file, from 1
   * @param damage something is missing that was in the log; else everything is here
   */
  public record Problem(long line, boolean damage, String what) {

    @Override
    public String toString() {
      return "line " + line + ": " + what;
    }
  }

  /** The events among the entries, in their order. */
  public List<LogEntry.OfEvent> events() {
    return entries.stream()
        .filter(entry -> entry instanceof LogEntry.OfEvent)
        .map(entry -> (LogEntry.OfEvent) entry)
        .toList();
  }

  /** Something is missing that was in the log. */
  public boolean damaged() {
    return problems.stream().anyMatch(Problem::damage);
  }

  /** Whether observations are in it: then what was not decided can be judged, too. */
  public boolean hasObservations() {
    return entries.stream().anyMatch(entry -> entry instanceof LogEntry.OfObservation);
  }
}
