package io.shardguard.provisioner.core;

import io.shardguard.events.GroupTopology;
import io.shardguard.events.GroupTopology.Barred;
import io.shardguard.events.GroupTopology.Promoting;
import io.shardguard.events.GroupTopology.Transition;
import io.shardguard.events.MemberAddress;
import java.time.Duration;
import java.util.Optional;

/**
 * All that the wish for one member depends on.
 *
 * @param first it is the first declared member of its group
 * @param dataHere it has a whole data directory
 * @param groupHasData a member of its group has data, whole or not
 * @param ruined a rewind of its data was interrupted, unless it streams nevertheless
 * @param putAside older data of it lies beside the data directory: what replaced it never streamed
 * @param running its postmaster runs
 * @param live its answer; null if it runs but does not answer, or does not run
 * @param silentFor since its start or its last answer
 * @param topology the newest known; null if nothing was decided for the group yet
 * @param fenced it was fenced for the open transition
 * @param quickExits how often in a row it ended soon after its start
 * @param pauseLeft until its next start
 * @param room how many bytes are left on its disk
 */
public record Situation(
    String member,
    boolean first,
    boolean dataHere,
    boolean groupHasData,
    boolean ruined,
    boolean putAside,
    boolean running,
    Live live,
    Duration silentFor,
    GroupTopology topology,
    boolean fenced,
    int quickExits,
    Duration pauseLeft,
    long room) {

  /** With less room than for one more segment of WAL a server cannot go on for long. */
  private static final long LEAST_ROOM = 16L << 20;

  /**
   * A running member's answer.
   *
   * @param upstream {@code host:port} that it streams from; null if it does not stream
   */
  public record Live(boolean inRecovery, String upstream) {}

  /** The primary that this member shall follow: it takes writes, and is another member. */
  Optional<MemberAddress> primaryToFollow() {
    return topology == null
        ? Optional.empty()
        : topology.writable().filter(primary -> !primary.name().equals(member));
  }

  /** It streams from the primary that it shall follow. */
  boolean streams() {
    return live != null
        && primaryToFollow().filter(p -> p.hostAndPort().equals(live.upstream())).isPresent();
  }

  /** Its disk is full. */
  public boolean diskFull() {
    return room < LEAST_ROOM;
  }

  /** Adds to a state or a reason that the disk is full, if it is. */
  String withRoom(String words) {
    return diskFull() ? words + "; its disk is full, " + (room >> 20) + " MiB are left" : words;
  }

  boolean isPrimary() {
    return topology != null && member.equals(topology.primary());
  }

  /** An operator's hand is on it. */
  boolean inMaintenance() {
    return topology != null && topology.inMaintenance(member);
  }

  /**
   * It takes writes, and as far as is known nobody decided that it should. No decision yet says
   * nothing against it.
   */
  boolean looksLikeARogue() {
    return live != null
        && !live.inRecovery()
        && topology != null
        && !isPrimary()
        && !beingPromoted(topology, member)
        && !isToBeFenced(topology, member);
  }

  /** It was the primary, and its end is wanted and no fact yet. */
  public static boolean isToBeFenced(GroupTopology topology, String member) {
    Transition open = topology.transition();
    boolean replaced =
        open != null
            && open.replacesPrimary()
            && member.equals(open.oldPrimary())
            && !open.oldPrimaryEnded();
    Barred barred = topology.barred();
    return replaced || (barred != null && barred.member().equals(member) && !barred.ended());
  }

  /** The open transition has chosen this member: it may take writes already. */
  public static boolean beingPromoted(GroupTopology topology, String member) {
    return topology.transition() != null
        && topology.transition().step() instanceof Promoting promoting
        && promoting.candidate().equals(member);
  }

  /** A decision was made for the group: it has, had, or is about to have a primary. */
  boolean groupIsDecided() {
    return topology != null && topology.epoch().value() > 0;
  }

  /** The open transition replaces this member, and nobody has made sure of its end yet. */
  boolean mustBeFencedFirst() {
    Transition open = topology == null ? null : topology.transition();
    return open != null
        && open.replacesPrimary()
        && member.equals(open.oldPrimary())
        && !open.oldPrimaryEnded()
        && !fenced;
  }
}
