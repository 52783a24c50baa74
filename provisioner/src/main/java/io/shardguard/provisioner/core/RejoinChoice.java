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
   * @param end where that WAL ends: the greater of received and replayed
   */
  public record Standing(String systemIdentifier, Timeline timeline, Lsn end) {}

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
   * @param failed the methods that did not work since the member last followed this primary
   */
  public static RejoinChoice choose(
      Optional<Standing> member, Leading primary, Set<RejoinMethod> failed) {
    if (failed.contains(REWIND)) {
      return new RejoinChoice(BASE_BACKUP, "rewinding did not work");
    }
    if (member.isEmpty()) {
      return new RejoinChoice(BASE_BACKUP, "the member does not come up with its data");
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
