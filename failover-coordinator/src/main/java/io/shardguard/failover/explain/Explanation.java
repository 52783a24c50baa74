package io.shardguard.failover.explain;

import java.util.List;

/**
 * An answer in plain words.
 *
 * @param title what it is about, and how it stands, in one sentence
 * @param sections none of them empty
 */
public record Explanation(String title, List<Section> sections) {

  /** Some lines that belong together. */
  public record Section(String heading, List<String> lines) {}
}
