package io.shardguard.healthmonitor.core;

import io.shardguard.events.Lsn;
import io.shardguard.events.Observation.Downstream;
import io.shardguard.events.Observation.MemberStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a primary's successive answers say of its standbys, and no single one does: for how long
 * each was silent, and for how long it has flushed nothing while WAL waited for it.
 *
 * @param marks by the standby's name
 */
record Walsenders(Map<String, Mark> marks) {

  static final Walsenders NONE = new Walsenders(Map.of());

  /**
   * By how much two ages of the same reply may contradict each other: they are rounded, and clocks
   * drift. Replies come once a second.
   */
  private static final Duration CLOCKS = Duration.ofMillis(100);

  /**
   * @param flushed the most that the standby said it flushed; null if it said nothing yet
   * @param waitingSince since when WAL has waited for it without progress; null if none waits
   * @param replyBy its newest reply was sent by then, on the standby's clock as the observer knows
   *     it; null if there was none
   * @param heardAt when its replies last moved on
   * @param seenAt when the primary last had a walsender to it
   */
  record Mark(Lsn flushed, Instant waitingSince, Instant replyBy, Instant heardAt, Instant seenAt) {

    private static Mark begin(Instant now) {
      return new Mark(null, null, null, now, now);
    }

    private Mark after(Downstream row, MemberStatus primary, Instant askedAt, Instant now) {
      Lsn said = row.flushLsn();
      boolean moved = said != null && (flushed == null || said.compareTo(flushed) > 0);
      boolean waits = said == null || !said.hasReached(primary.flushLsn());
      Instant waiting = moved || waitingSince == null ? now : waitingSince;
      Instant by = row.replyMillis() == null ? null : now.minusMillis(row.replyMillis());
      boolean heard =
          by != null
              && (replyBy == null
                  || askedAt.minusMillis(row.replyMillis()).isAfter(replyBy.plus(CLOCKS)));
      boolean sharper = by != null && replyBy != null && by.isBefore(replyBy);
      return new Mark(
          moved ? said : flushed,
          waits ? waiting : null,
          heard || sharper ? by : replyBy,
          heard ? now : heardAt,
          now);
    }
  }

  /**
   * Takes in one more answer. A reply's time is on the standby's clock, which may differ: so its
   * age is not believed, only that replies move on; and only if the question was sent after the
   * newest one known, since an answer may have been long on its way.
   *
   * <p>A walreceiver that ends and comes back at once, as on a full disk, is the same standby;
   * after a gap longer than {@code successive}, be it the standby's or the observer's, counting
   * begins anew.
   */
  Walsenders after(MemberStatus status, Instant askedAt, Instant now, Duration successive) {
    if (status.inRecovery()) {
      return NONE;
    }
    Map<String, Mark> next = new LinkedHashMap<>();
    marks.forEach((standby, mark) -> {
      if (!now.isBefore(mark.seenAt())
          && Duration.between(mark.seenAt(), now).compareTo(successive) <= 0) {
        next.put(standby, mark);
      }
    });
    for (Downstream row : status.downstreams()) {
      if (isNewest(row, status)) {
        Mark known = next.getOrDefault(row.standby(), Mark.begin(now));
        next.put(row.standby(), known.after(row, status, askedAt, now));
      }
    }
    return new Walsenders(Map.copyOf(next));
  }

  /** The answer that was taken in last, with what was measured. */
  MemberStatus measured(MemberStatus status, Instant now) {
    if (status.inRecovery()) {
      return status;
    }
    List<Downstream> rows = new ArrayList<>();
    for (Downstream row : status.downstreams()) {
      rows.add(isNewest(row, status) ? measured(row, marks.get(row.standby()), now) : row);
    }
    return new MemberStatus(
        false,
        status.timeline(),
        status.flushLsn(),
        status.replayLsn(),
        status.synchronousStandbyNames(),
        status.synchronousCommit(),
        status.upstream(),
        List.copyOf(rows),
        status.postmasterStart());
  }

  private static Downstream measured(Downstream row, Mark mark, Instant now) {
    boolean stalled = mark.waitingSince() != null && mark.waitingSince().isBefore(now);
    return new Downstream(
        row.standby(),
        row.state(),
        row.syncState(),
        row.flushLsn(),
        row.replyMillis() == null ? null : Duration.between(mark.heardAt(), now).toMillis(),
        stalled ? Duration.between(mark.waitingSince(), now).toMillis() : null);
  }

  /** A walsender whose standby is gone may linger beside the new one: whoever spoke last counts. */
  private static boolean isNewest(Downstream row, MemberStatus status) {
    return status.downstream(row.standby()).filter(first -> first == row).isPresent();
  }
}
