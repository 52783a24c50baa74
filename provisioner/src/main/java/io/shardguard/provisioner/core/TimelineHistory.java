package io.shardguard.provisioner.core;

import io.shardguard.events.Lsn;
import io.shardguard.events.Timeline;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Where a timeline's ancestors ended, as in PostgreSQL's history files.
 *
 * @param forks each ancestor with the LSN at which its successor began
 */
public record TimelineHistory(Map<Timeline, Lsn> forks) {

  /** The first timeline's history. */
  public static final TimelineHistory NONE = new TimelineHistory(Map.of());

  public TimelineHistory {
    forks = Map.copyOf(forks);
  }

  /**
   * Reads the content of a history file: lines of timeline, LSN and reason; empty lines and
   * comments do not count.
   *
   * @throws IllegalArgumentException if a line has another form
   */
  public static TimelineHistory parse(String content) {
    Map<Timeline, Lsn> forks = new HashMap<>();
    for (String line : content.lines().map(String::strip).toList()) {
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      String[] columns = line.split("\\s+", 3);
      if (columns.length < 2) {
        throw new IllegalArgumentException("not a line of a timeline history: '" + line + "'");
      }
      forks.put(new Timeline(Integer.parseInt(columns[0])), Lsn.parse(columns[1]));
    }
    return new TimelineHistory(forks);
  }

  /** Where this ancestor ended; empty if it is none. */
  public Optional<Lsn> end(Timeline ancestor) {
    return Optional.ofNullable(forks.get(ancestor));
  }
}
