package io.shardguard.failover.core;

import io.shardguard.events.GroupTopology.WalEnd;
import io.shardguard.events.Timeline;
import io.shardguard.events.TransitionEvent.Rejected;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The arithmetic of {@code ANY 1 (…)}: whom a primary waits for, and who may follow it.
 *
 * <p>Let Q be the standbys of which any one can get a commit acknowledged. Then each acknowledged
 * commit is flushed on at least one member of Q, and:
 *
 * <ul>
 *   <li><b>Failover.</b> While one of Q is not sealed, the old primary can get an acknowledgement
 *       from it. So all of Q are sealed; from then on nothing is acknowledged. WAL of one timeline
 *       is one sequence, and a standby holds a beginning of it: of two, the one that ends later
 *       holds all that the other holds. So the one that ends last holds what any of them holds, and
 *       with it every acknowledged commit. A member on another timeline holds another sequence: it
 *       is no candidate, however long its WAL is. But until it parted it may have been the only one
 *       that got the last commits acknowledged: the choice among the others is not sure.
 *   <li><b>Growth</b> from Q to Q+x, Q not empty. The primary may wait for Q+x from the moment that
 *       it is told so; before it is told, failovers seal Q+x. That x lacks what came before does no
 *       harm: another member of Q has it, ends later than x and is chosen.
 *   <li><b>Growth</b> from nobody to x. Commits of before are on the primary alone. So x counts
 *       only once the primary surely waits for it and it has flushed all that was flushed before
 *       (design I1).
 *   <li><b>Shrinking</b> from Q to Q-x, not empty. Acknowledged commits of before may be on x
 *       alone. So failovers seal all of Q until the primary surely waits for Q-x, and <i>one</i> of
 *       Q-x has flushed all that was flushed by then: that one, and so the one that ends last,
 *       holds them.
 *   <li><b>Shrinking</b> to nobody. The log says so first, then the primary is told: from the first
 *       on nobody is promoted.
 * </ul>
 */
final class Quorum {

  private Quorum() {}

  /** The value of synchronous_standby_names with which a primary waits for one of the standbys. */
  static String names(Set<String> standbys) {
    return standbys.isEmpty()
        ? ""
        : new TreeSet<>(standbys)
            .stream()
                .map(standby -> '"' + standby + '"')
                .collect(Collectors.joining(", ", "ANY 1 (", ")"));
  }

  /**
   * Who of the sealed on the group's timeline holds all that any of them holds.
   *
   * @param rejected why the others were not chosen
   * @param sure the candidate holds every acknowledged commit, if all of Q are sealed: none of them
   *     has another history
   */
  record Choice(Optional<String> candidate, List<Rejected> rejected, boolean sure) {}

  /**
   * Chooses among members that are all sealed.
   *
   * @param timeline that the old primary wrote; null if there was none
   * @param preferred of those who end equally late; null if it is all the same
   */
  static Choice choose(Map<String, WalEnd> sealed, Timeline timeline, String preferred) {
    List<Rejected> rejected = new ArrayList<>();
    String best = null;
    boolean sure = true;
    for (String member : inOrder(sealed.keySet(), preferred)) {
      WalEnd end = sealed.get(member);
      if (timeline != null && !end.timeline().equals(timeline)) {
        sure = false;
        rejected.add(
            new Rejected(
                member, "is on timeline " + end.timeline() + ", the primary was on " + timeline));
      } else if (best != null && sealed.get(best).lsn().hasReached(end.lsn())) {
        rejected.add(lessWal(member, end));
      } else {
        if (best != null) {
          rejected.add(lessWal(best, sealed.get(best)));
        }
        best = member;
      }
    }
    return new Choice(Optional.ofNullable(best), List.copyOf(rejected), sure);
  }

  private static List<String> inOrder(Set<String> members, String first) {
    return members.stream()
        .sorted(
            Comparator.comparing((String member) -> !member.equals(first))
                .thenComparing(Comparator.naturalOrder()))
        .toList();
  }

  private static Rejected lessWal(String member, WalEnd end) {
    return new Rejected(member, "has less WAL: up to " + end.lsn());
  }
}
