package io.shardguard.cli.replay;

import io.shardguard.failover.explain.Explanation;
import java.util.ArrayList;
import java.util.List;

/** Explanations as lines. */
final class ExplainText {

  private ExplainText() {}

  static List<String> lines(List<Explanation> explanations) {
    List<String> lines = new ArrayList<>();
    for (Explanation explanation : explanations) {
      if (!lines.isEmpty()) {
        lines.add("");
      }
      lines.add(explanation.title());
      explanation
          .sections()
          .forEach(section -> {
            lines.add("");
            lines.add(section.heading() + ":");
            section.lines().forEach(line -> lines.add("  " + line));
          });
    }
    return lines;
  }
}
