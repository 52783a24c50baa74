package io.shardguard.cli.drill.nemesis;

import io.shardguard.cli.drill.Ledger;
import java.util.ArrayList;
import java.util.List;

/**
 * The times in which a group's acknowledgements were worth nothing, because somebody made it so.
 */
final class Unpromised {

  private final List<Window> windows = new ArrayList<>();

  private record Window(int group, long fromNanos, long toNanos) {}

  void add(int group, long fromNanos, long toNanos) {
    windows.add(new Window(group, fromNanos, toNanos));
  }

  /** The coordinator's own setting decides on two-phase commits alone, not on rows of a worker. */
  boolean covers(Ledger.Write write) {
    return windows.stream()
        .anyMatch(window ->
            window.group() == write.group()
                && window.fromNanos() <= write.nanos()
                && write.nanos() <= window.toNanos());
  }
}
