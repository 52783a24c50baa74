package io.shardguard.simulator;

import java.util.ArrayList;
import java.util.List;

/** What happened in a run, for people: a line for each thing. */
public final class Transcript {

  private final List<String> lines = new ArrayList<>();

  void add(long micros, String who, String what) {
    lines.add(
        String.format(
            "%02d:%06.3f  %-21s %s", micros / 60_000_000, (micros % 60_000_000) / 1e6, who, what));
  }

  /** The lines, in order. */
  public List<String> lines() {
    return List.copyOf(lines);
  }
}
