package io.shardguard.healthmonitor.core;

import io.shardguard.events.MonitorEvent;
import io.shardguard.events.MonitorEvent.ReplicationBroken;
import io.shardguard.events.MonitorEvent.ReplicationCaughtUp;
import io.shardguard.events.Observation.Downstream;
import io.shardguard.events.Observation.Upstream;
import io.shardguard.events.Observation.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Follows who streams from whom, and says so at the edges. */
final class Replication {

  private final String observer;
  private final Limits limits;
  private final Instant now;
  private final List<MonitorEvent> events;

  /**
   * @param events where the edges go
   */
  Replication(String observer, Limits limits, Instant now, List<MonitorEvent> events) {
    this.observer = observer;
    this.limits = limits;
    this.now = now;
    this.events = events;
  }

  /**
   * The member with its replication brought up to date. Where neither end answers, nothing is known
   * of it: it may be the observer that is cut off.
   *
   * @param primary of its group; null if none is known
   */
  Watched follow(Watched member, Watched primary) {
    boolean isPrimary = primary != null && primary.name().equals(member.name());
    if (isPrimary || (member.status() != null && !member.status().inRecovery())) {
      return member.with((Link) null);
    }
    Optional<Downstream> row =
        primary != null && primary.up() ? streaming(primary, member) : Optional.empty();
    if (row.isPresent()) {
      List<String> trouble = trouble(row.get(), limits);
      return member.with(
          trouble.isEmpty() ? streams(member, primary, row.get()) : broken(member, trouble));
    }
    boolean surely =
        member.judgement().is(Verdict.DOWN)
            || (primary != null && primary.judgement().is(Verdict.DOWN));
    boolean unseen = !surely && primary != null && !primary.up() && !member.up();
    if (member.link() == null || unseen || stillReceives(member, primary)) {
      return member;
    }
    return member.with(away(member, surely));
  }

  /** Why a stream that there is brings nothing any more; empty if it does. */
  static List<String> trouble(Downstream row, Limits limits) {
    List<String> trouble = new ArrayList<>();
    if (row.replyMillis() != null && row.replyMillis() > limits.witnessStale().toMillis()) {
      trouble.add(row.standby() + " has sent nothing for " + row.replyMillis() + " ms");
    }
    if (row.stalledMillis() != null && row.stalledMillis() >= limits.stalledAfter().toMillis()) {
      trouble.add(
          row.standby()
              + " has flushed nothing for "
              + row.stalledMillis()
              + " ms, and WAL waits for it");
    }
    return trouble;
  }

  private static Optional<Downstream> streaming(Watched primary, Watched standby) {
    return primary.status().downstream(standby.name()).filter(Downstream::streaming);
  }

  /** The primary does not answer us, but the standby says that it streams. */
  private static boolean stillReceives(Watched standby, Watched primary) {
    if (primary == null || primary.up() || !standby.up()) {
      return false;
    }
    Upstream upstream = standby.status().upstream();
    return upstream != null && Testimony.streams(upstream);
  }

  private Link streams(Watched standby, Watched primary, Downstream row) {
    Link known = standby.link();
    Link link =
        known != null && known.primary().equals(primary.name())
            ? known.back()
            : new Link(primary.name(), primary.status().flushLsn(), false, null);
    if (link.caughtUp() || row.flushLsn() == null || !row.flushLsn().hasReached(link.target())) {
      return link;
    }
    events.add(
        new ReplicationCaughtUp(
            standby.group(), standby.name(), primary.name(), observer, row.flushLsn()));
    return link.reached();
  }

  /**
   * @param surely one of the two is down: nothing is waited for
   */
  private Link away(Watched standby, boolean surely) {
    Link link = standby.link().away(now);
    Duration away = Duration.between(link.awaySince(), now);
    // A walreceiver that is merely restarted is away for less.
    if (!surely && away.compareTo(limits.brokenAfter()) < 0) {
      return link;
    }
    String seen = surely ? ": one of them is down" : " for " + away.toMillis() + " ms";
    return broken(
        standby, List.of("no streaming from " + link.primary() + " to " + standby.name() + seen));
  }

  /** Says it, unless it was said, or there was nothing to break. */
  private Link broken(Watched standby, List<String> evidence) {
    Link link = standby.link();
    if (link != null) {
      events.add(
          new ReplicationBroken(
              standby.group(), standby.name(), link.primary(), observer, evidence));
    }
    return null;
  }
}
