package io.shardguard.cli.drill.nemesis;

import io.shardguard.cli.Terminal;
import io.shardguard.events.Basis.Asked;
import io.shardguard.events.Event;
import io.shardguard.events.ReplicationEvent.FailoverRefused;
import io.shardguard.events.TransitionEvent.PromotionStarted;
import io.shardguard.events.TransitionEvent.TransitionStarted;
import io.shardguard.failover.explain.EventSentence;
import io.shardguard.failover.shadow.ShadowWatcher;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Tells what a shadow decides beside what the live one does, and what that comes to. */
final class DryRun implements ShadowWatcher {

  private final Terminal terminal;
  private final Map<Integer, String> without = new TreeMap<>();
  private int decided;
  private int live;

  DryRun(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public void supposed(Instant at, String words) {
    terminal.step("supposed  " + words);
  }

  @Override
  public void decided(Instant at, List<Event> events, List<Asked> asked) {
    decided++;
    for (Event event : events) {
      terminal.step("shadow    " + sentence(event));
      judge(event);
    }
    asked.forEach(work ->
        terminal.step("          would " + work.step() + " on " + work.member() + ": not done"));
  }

  @Override
  public void decidedLive(Instant at, Event event) {
    live++;
    terminal.step("live      " + sentence(event));
  }

  private void judge(Event event) {
    switch (event) {
      case FailoverRefused e -> without.put(e.group(), "is refused a primary: " + e.refusal());
      case TransitionStarted e ->
          without.put(e.group(), "waits for " + String.join(" and ", e.toSeal()));
      case PromotionStarted e -> without.remove(e.group());
      default -> {
        // Says nothing of whether the group gets a primary.
      }
    }
  }

  /** Every group that lost its primary would have a successor. */
  boolean everyGroupHasAPrimary() {
    return without.isEmpty();
  }

  /** The last line. */
  String sum() {
    String outcome =
        without.isEmpty()
            ? "No group would be left without a primary."
            : without.entrySet().stream()
                .map(e -> "Group " + e.getKey() + " " + e.getValue())
                .collect(Collectors.joining("; ", "", "."));
    return "%d decisions of the shadow, %d events of the live failover-coordinator meanwhile; nothing was touched. %s"
        .formatted(decided, live, outcome);
  }

  private static String sentence(Event event) {
    String sentence = EventSentence.of(event);
    return event.aboutGroup().isPresent()
        ? "group " + event.aboutGroup().getAsInt() + ": " + sentence
        : sentence;
  }
}
