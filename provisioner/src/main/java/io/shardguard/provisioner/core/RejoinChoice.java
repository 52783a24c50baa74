package io.shardguard.provisioner.core;

import static io.shardguard.events.ProvisionerEvent.RejoinMethod.BASE_BACKUP;
import static io.shardguard.events.ProvisionerEvent.RejoinMethod.FOLLOW;
import static io.shardguard.events.ProvisionerEvent.RejoinMethod.REWIND;

import io.shardguard.events.Lsn;
import io.shardguard.events.ProvisionerEvent.RejoinMethod;
import io.shardguard.events.Timeline;
import java.util.Optional;
import java.util.Set;

/**
 * How a member comes to follow its primary: the gentlest method that can work.
 *
 * @param reason what was compared, for people
 */
public record RejoinChoice(RejoinMethod method, String reason) {

  /**
   * A member as it stands.
   *
   * @param timeline of the newest WAL it holds
   * @param history of that timeline
   * @param end where that WAL ends: the greater of received and replayed
   */
  public record Standing(
      String systemIdentifier, Timeline timeline, TimelineHistory history, Lsn end) {}

  /**
   * The primary that it shall follow.
   *
   * @param flushed up to where its WAL is on disk, read after the member's end
   */
  public record Leading(
      String systemIdentifier, Timeline timeline, TimelineHistory history, Lsn flushed) {}

  /**
   * Chooses.
   *
   * @param member empty if it does not come up
   * @param rogue it took writes without being the primary, since it last streamed
   * @param failed the methods that did not work since the member last followed this primary
   */
  public static RejoinChoice choose(
      Optional<Standing> member, boolean rogue, Leading primary, Set<RejoinMethod> failed) {
    if (failed.contains(REWIND)) {
      return new RejoinChoice(BASE_BACKUP, "rewinding did not work");
    }
    if (member.isEmpty()) {
      return new RejoinChoice(BASE_BACKUP, "the member does not come up with its data");
    }
    if (rogue && primary.timeline.id() >= member.get().timeline.id()) {
      // The numbers are given without knowledge of each other: pg_rewind would find the two equal.
      return new RejoinChoice(
          BASE_BACKUP,
          "promoted behind the log's back: its timeline "
              + member.get().timeline
              + " need not be the one of that number that the primary knows");
    }
    RejoinChoice byHistory = byHistory(member.get(), primary);
    if (byHistory.method == FOLLOW && failed.contains(FOLLOW)) {
      return new RejoinChoice(REWIND, "following did not work, though: " + byHistory.reason);
    }
    return byHistory;
  }

  private static RejoinChoice byHistory(Standing member, Leading primary) {
    if (!member.systemIdentifier.equals(primary.systemIdentifier)) {
      return new RejoinChoice(
          BASE_BACKUP,
          "of another lineage: " + member.systemIdentifier + ", not " + primary.systemIdentifier);
    }
    if (!sameAncestors(member, primary)) {
      return new RejoinChoice(
          BASE_BACKUP,
          "its timeline "
              + member.timeline
              + " began elsewhere than the one of that number that the primary knows");
    }
    if (member.timeline.equals(primary.timeline)) {
      return primary.flushed.hasReached(member.end)
          ? new RejoinChoice(
              FOLLOW, "on the primary's timeline " + primary.timeline + " at " + member.end)
          : new RejoinChoice(
              BASE_BACKUP,
              "ahead of the primary on its timeline "
                  + primary.timeline
                  + ": "
                  + member.end
                  + ", not "
                  + primary.flushed);
    }
    return primary
        .history
        .end(member.timeline)
        .map(fork -> atFork(member, fork))
        .orElseGet(() ->
            new RejoinChoice(
                REWIND,
                "timeline "
                    + member.timeline
                    + " is no ancestor of the primary's "
                    + primary.timeline));
  }

  /** False only if the primary knows the member's timeline, and another history of it. */
  private static boolean sameAncestors(Standing member, Leading primary) {
    boolean known =
        member.timeline.equals(primary.timeline)
            || primary.history.end(member.timeline).isPresent();
    return !known
        || member.history.forks().entrySet().stream()
            .allMatch(fork ->
                primary.history.end(fork.getKey()).filter(fork.getValue()::equals).isPresent());
  }

  private static RejoinChoice atFork(Standing member, Lsn fork) {
    String where =
        "timeline "
            + member.timeline
            + " ended at "
            + fork
            + ", the member stands at "
            + member.end;
    return fork.hasReached(member.end)
        ? new RejoinChoice(FOLLOW, "not diverged: " + where)
        : new RejoinChoice(REWIND, "diverged: " + where);
  }
}
