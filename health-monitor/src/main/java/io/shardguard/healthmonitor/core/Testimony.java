package io.shardguard.healthmonitor.core;

import io.shardguard.events.GroupTopology;
import io.shardguard.events.Observation.Downstream;
import io.shardguard.events.Observation.MemberStatus;
import io.shardguard.events.Observation.Upstream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * What a failing member's replication partners know of it.
 *
 * @param words one sentence for each witness
 */
public record Testimony(Word word, List<String> words) {

  /**
   * The sum of the testimonies: one partner that still streams outweighs all that lost the member.
   */
  public enum Word {
    /** Nobody was asked since the member began to fail, or nobody knew it. */
    NONE,
    /** Those who streamed lost it too. */
    LOST,
    /** Somebody still streams. */
    STREAMS
  }

  /** Whether a walreceiver is connected and streams. */
  static boolean streams(Upstream upstream) {
    return "streaming".equals(upstream.status());
  }

  /**
   * Hears every member of the same group that answered a question asked since the failing one began
   * to fail.
   */
  static Testimony about(
      Watched failing,
      Collection<Watched> group,
      GroupTopology topology,
      Duration stale,
      Instant now) {
    Word sum = Word.NONE;
    List<String> words = new ArrayList<>();
    for (Watched witness : group) {
      Optional<Testimony> heard = hear(witness, failing, topology, stale, now);
      if (heard.isPresent()) {
        words.addAll(heard.get().words());
        sum = heard.get().word().compareTo(sum) > 0 ? heard.get().word() : sum;
      }
    }
    return new Testimony(sum, List.copyOf(words));
  }

  private static Optional<Testimony> hear(
      Watched witness, Watched failing, GroupTopology topology, Duration stale, Instant now) {
    boolean usable =
        !witness.name().equals(failing.name())
            && witness.history().failure() == null
            && witness.history().answer() != null
            && failing.history().failure() != null
            && !witness.history().answer().askedAt().isBefore(failing.history().failure().since());
    if (!usable) {
      return Optional.empty();
    }
    return witness.status().inRecovery()
        ? ofStandby(witness, failing, topology, stale, now)
        : ofPrimary(witness, failing, stale, now);
  }

  private static Optional<Testimony> ofStandby(
      Watched witness, Watched failing, GroupTopology topology, Duration stale, Instant now) {
    Upstream upstream = witness.status().upstream();
    if (upstream != null && streams(upstream) && from(upstream, failing)) {
      return heard(witness, failing, upstream.lastMessageMillis(), stale, now);
    }
    return knew(witness, failing, topology)
        ? said(
            Word.LOST,
            "the walreceiver of " + witness.name() + " from " + failing.name() + " is gone")
        : Optional.empty();
  }

  private static Optional<Testimony> ofPrimary(
      Watched witness, Watched failing, Duration stale, Instant now) {
    MemberStatus last = failing.status();
    if (last != null && !last.inRecovery()) {
      return Optional.empty();
    }
    Optional<Downstream> walsender = witness.status().downstream(failing.name());
    return walsender.isPresent()
        ? heard(witness, failing, walsender.get().replyMillis(), stale, now)
        : said(Word.LOST, witness.name() + " has no walsender to " + failing.name());
  }

  /**
   * A connection between two servers outlives the end of one of them by its own time-out: what was
   * heard over it counts. What was young when the witness said so, and is old by now, is neither.
   *
   * @param age of the newest message when the witness answered, in ms; null if there was none
   */
  private static Optional<Testimony> heard(
      Watched witness, Watched failing, Long age, Duration stale, Instant now) {
    if (age == null) {
      return said(Word.LOST, witness.name() + " has heard nothing from " + failing.name());
    }
    String words = failing.name() + " was last heard by " + witness.name() + " " + age + " ms ago";
    if (age > stale.toMillis()) {
      return said(Word.LOST, words);
    }
    long since = Duration.between(witness.history().answer().receivedAt(), now).toMillis();
    return age + since > stale.toMillis() ? Optional.empty() : said(Word.STREAMS, words);
  }

  /** A standby that never streamed from the member has nothing to miss. */
  private static boolean knew(Watched witness, Watched failing, GroupTopology topology) {
    boolean attached =
        topology != null
            && failing.name().equals(topology.primary())
            && topology.eligible().contains(witness.name());
    return attached || witness.history().streamedFrom(failing.address());
  }

  private static boolean from(Upstream upstream, Watched member) {
    return member.address().host().equals(upstream.host())
        && member.address().port() == upstream.port();
  }

  private static Optional<Testimony> said(Word word, String sentence) {
    return Optional.of(new Testimony(word, List.of(sentence)));
  }
}
