package io.shardguard.healthmonitor.core;

import io.shardguard.healthmonitor.core.History.Kind;
import io.shardguard.healthmonitor.core.Testimony.Word;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** Tells whether the observer is cut off, rather than the members gone. */
final class Isolation {

  private static final int FEWEST = 3;

  private Isolation() {}

  /**
   * The members that were lost together, if that means that the observer is cut off; empty if it is
   * not. It is when more than half of the members that should answer, and at least three, fell
   * silent at about the same time, or never answered at all, none refuses (then somebody would
   * answer at the network's level), and no member that still answers has lost one of them too.
   */
  static List<String> lost(
      Watch watch, Map<String, Testimony> testimonies, Instant now, Instant attentiveSince) {
    Limits limits = watch.limits();
    List<Watched> expected =
        watch.members().values().stream()
            .filter(m -> m.history().lastSign() != null || watch.startedAt(m).isPresent())
            .toList();
    List<Watched> silent =
        expected.stream().filter(m -> silent(m, limits, now, attentiveSince)).toList();
    boolean most = silent.size() >= FEWEST && silent.size() * 2 > expected.size();
    if (!most || !together(silent, limits.isolationWithin())) {
      return List.of();
    }
    boolean somebodyRefused = expected.stream().anyMatch(m -> kind(m) == Kind.REFUSED);
    boolean witnessed =
        silent.stream().anyMatch(m -> testimonies.get(m.name()).word() == Word.LOST);
    return somebodyRefused || witnessed ? List.of() : silent.stream().map(Watched::name).toList();
  }

  private static boolean silent(
      Watched member, Limits limits, Instant now, Instant attentiveSince) {
    boolean noAnswer = kind(member) == Kind.SILENT || kind(member) == Kind.BROKEN;
    boolean everHeard = member.history().lastSign() != null;
    Duration bound = everHeard ? limits.silentAfter() : limits.startGrace();
    return noAnswer && member.history().silence(now, attentiveSince).compareTo(bound) >= 0;
  }

  private static boolean together(List<Watched> silent, Duration within) {
    Comparator<Instant> order = Comparator.naturalOrder();
    Instant first = silent.stream().map(Isolation::heard).min(order).orElseThrow();
    Instant last = silent.stream().map(Isolation::heard).max(order).orElseThrow();
    return Duration.between(first, last).compareTo(within) <= 0;
  }

  private static Instant heard(Watched member) {
    History history = member.history();
    return history.lastSign() == null ? history.since() : history.lastSign();
  }

  private static Kind kind(Watched member) {
    return member.history().failure() == null ? null : member.history().failure().kind();
  }
}
