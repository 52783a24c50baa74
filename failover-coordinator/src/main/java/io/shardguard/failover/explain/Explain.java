package io.shardguard.failover.explain;

import io.shardguard.events.Envelope;
import io.shardguard.events.Event;
import io.shardguard.failover.core.ClusterState;
import io.shardguard.failover.replay.LogEntry.OfEvent;
import io.shardguard.failover.replay.RecordedLog;
import io.shardguard.failover.replay.Replay;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The recorded log in plain words. */
public final class Explain {

  private Explain() {}

  /**
   * How a group stood at a time, why, and what it waited for.
   *
   * @param at null: at the log's end
   * @return empty if the log has no such group at that time
   */
  public static Optional<Explanation> group(RecordedLog log, int group, Instant at) {
    ClusterState state = Replay.stateAt(log, at);
    return state.group(group).map(found -> new GroupStory(log, state, found, at).tell());
  }

  /** The same of every group that there was. */
  public static List<Explanation> groups(RecordedLog log, Instant at) {
    ClusterState state = Replay.stateAt(log, at);
    return state.groups().values().stream()
        .map(group -> new GroupStory(log, state, group, at).tell())
        .toList();
  }

  /**
   * How a transition went: what was seen, the rule that fired, who was chosen and who was not, how
   * long it took, and what it waits for.
   *
   * @param at as it stood then; null: at the log's end
   * @return empty if the log does not have its beginning
   */
  public static Optional<Explanation> transition(RecordedLog log, String transition, Instant at) {
    return TransitionStory.of(log, transition, at).map(TransitionStory::tell);
  }

  static List<Envelope<Event>> events(RecordedLog log, Instant until) {
    return log.events().stream()
        .map(OfEvent::envelope)
        .filter(e -> until == null || !e.time().isAfter(until))
        .toList();
  }
}
