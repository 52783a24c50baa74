package io.shardguard.healthmonitor.core;

import io.shardguard.healthmonitor.core.History.Kind;
import io.shardguard.healthmonitor.core.Testimony.Word;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** Tells whether the observer is cut off, rather than the members gone. */
final class Isolation {

  private static final int FEWEST = 3;

  private Isolation() {}

  /**
   * The members that were lost together, if that means that the observer is cut off; empty if it is
   * not. It is when more than half of the members it had seen, and at least three, fell silent at
   * about the same time, none refuses (then somebody would answer at the network's level), and no
   * member that still answers has lost one of them too.
   */
  static List<String> lost(
      Collection<Watched> members,
      Map<String, Testimony> testimonies,
      Limits limits,
      Instant now,
      Instant attentiveSince) {
    List<Watched> seen = members.stream().filter(m -> m.history().lastSign() != null).toList();
    List<Watched> silent =
        seen.stream().filter(m -> silent(m, limits, now, attentiveSince)).toList();
    boolean most = silent.size() >= FEWEST && silent.size() * 2 > seen.size();
    if (!most || !together(silent, limits.isolationWithin())) {
      return List.of();
    }
    boolean somebodyRefused = seen.stream().anyMatch(m -> kind(m) == Kind.REFUSED);
    boolean witnessed =
        silent.stream().anyMatch(m -> testimonies.get(m.name()).word() == Word.LOST);
    return somebodyRefused || witnessed ? List.of() : silent.stream().map(Watched::name).toList();
  }

  private static boolean silent(
      Watched member, Limits limits, Instant now, Instant attentiveSince) {
    boolean noAnswer = kind(member) == Kind.SILENT || kind(member) == Kind.BROKEN;
    return noAnswer
        && member.history().silence(now, attentiveSince).compareTo(limits.silentAfter()) >= 0;
  }

  private static boolean together(List<Watched> silent, Duration within) {
    Comparator<Instant> order = Comparator.naturalOrder();
    Instant first = silent.stream().map(m -> m.history().lastSign()).min(order).orElseThrow();
    Instant last = silent.stream().map(m -> m.history().lastSign()).max(order).orElseThrow();
    return Duration.between(first, last).compareTo(within) <= 0;
  }

  private static Kind kind(Watched member) {
    return member.history().failure() == null ? null : member.history().failure().kind();
  }
}
