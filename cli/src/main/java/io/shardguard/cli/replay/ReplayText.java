package io.shardguard.cli.replay;

import io.shardguard.events.Basis.Asked;
import io.shardguard.events.Event;
import io.shardguard.failover.explain.EventSentence;
import io.shardguard.failover.replay.Judgement;
import io.shardguard.failover.replay.Judgement.Outcome;
import io.shardguard.failover.replay.Judgement.Side;
import io.shardguard.failover.replay.RecordedLog;
import io.shardguard.failover.replay.RecordedLog.Problem;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What came of deciding again, in lines. */
final class ReplayText {

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS", Locale.ROOT);
  private static final int PROBLEMS_SHOWN = 20;

  private final ZoneId zone;

  ReplayText(ZoneId zone) {
    this.zone = zone;
  }

  /** What is wrong with the log; nothing if it is as it should be. */
  List<String> problems(RecordedLog log) {
    List<String> lines = new ArrayList<>();
    log.problems().stream().limit(PROBLEMS_SHOWN).map(Problem::toString).forEach(lines::add);
    if (log.problems().size() > PROBLEMS_SHOWN) {
      lines.add("and " + (log.problems().size() - PROBLEMS_SHOWN) + " more such lines");
    }
    return lines;
  }

  List<String> lines(Judgement judgement) {
    List<String> lines = new ArrayList<>();
    String head = word(judgement.outcome()) + "  " + TIME.format(judgement.at().atZone(zone));
    if (judgement.outcome() == Outcome.SAME) {
      judgement.recorded().events().forEach(event -> lines.add(head + "  " + sentence(event)));
      return lines;
    }
    lines.add(head + "  upon " + upon(judgement));
    if (judgement.outcome() != Outcome.ADDED) {
      lines.addAll(side("then", judgement.recorded(), judgement.present()));
    }
    if (judgement.outcome() == Outcome.UNDECIDABLE) {
      lines.add("             why:   " + judgement.why());
    } else {
      lines.addAll(side("now", judgement.present(), judgement.recorded()));
    }
    return lines;
  }

  private static String upon(Judgement judgement) {
    String input = judgement.input().isEmpty() ? "an unknown input" : judgement.input();
    return judgement.repeated() == 0
        ? input
        : input + ", and the same upon " + judgement.repeated() + " more inputs";
  }

  /** What is the same on both sides is told once. */
  private static List<String> side(String when, Side side, Side other) {
    List<String> lines = new ArrayList<>();
    String label = "             %-6s ".formatted(when + ":");
    side.events().forEach(event -> lines.add(label + sentence(event)));
    side.asked().stream()
        .filter(asked -> !other.asked().contains(asked))
        .forEach(asked -> lines.add(label + "asks for " + work(asked)));
    if (lines.isEmpty()) {
      lines.add(label + (side.events().isEmpty() ? "nothing" : "the same"));
    }
    return lines;
  }

  private static String work(Asked asked) {
    String of = asked.standbys().isEmpty() ? "" : " for " + String.join(" or ", asked.standbys());
    return asked.step() + " on " + asked.member() + of;
  }

  private static String sentence(Event event) {
    String group =
        event.aboutGroup().isPresent() ? "group " + event.aboutGroup().getAsInt() : "cluster";
    return "%-8s  %s".formatted(group, EventSentence.of(event));
  }

  private static String word(Outcome outcome) {
    return "%-11s"
        .formatted(
            switch (outcome) {
              case SAME -> "same";
              case DIFFERENT -> "DIFFERENT";
              case ADDED -> "ADDED";
              case UNDECIDABLE -> "UNDECIDABLE";
            });
  }

  /** The last line. */
  static String sum(List<Judgement> judgements) {
    Map<Outcome, Long> counts =
        judgements.stream()
            .collect(Collectors.groupingBy(Judgement::outcome, Collectors.counting()));
    long added = counts.getOrDefault(Outcome.ADDED, 0L);
    return "%d decisions: %d the same, %d different, %d undecidable; %d would be made besides."
        .formatted(
            judgements.size() - added,
            counts.getOrDefault(Outcome.SAME, 0L),
            counts.getOrDefault(Outcome.DIFFERENT, 0L),
            counts.getOrDefault(Outcome.UNDECIDABLE, 0L),
            added);
  }
}
