package io.shardguard.healthmonitor.core;

import io.shardguard.events.Observation.MemberStatus;
import io.shardguard.events.Timeline;

/** Keeps a standby's timeline right while it has no walreceiver. */
final class Lineage {

  private Lineage() {}

  /**
   * Without a walreceiver, a standby's answer has the control file's timeline, which lags behind
   * the one it replays. While the same server process runs in recovery, its timeline never goes
   * back: what it once said holds.
   */
  static MemberStatus withKnownTimeline(MemberStatus before, MemberStatus now) {
    boolean sameRecovery =
        before != null
            && before.inRecovery()
            && now.inRecovery()
            && now.upstream() == null
            && now.postmasterStart().equals(before.postmasterStart());
    if (!sameRecovery || before.timeline().compareTo(now.timeline()) <= 0) {
      return now;
    }
    return with(now, before.timeline());
  }

  private static MemberStatus with(MemberStatus status, Timeline timeline) {
    return new MemberStatus(
        status.inRecovery(),
        timeline,
        status.flushLsn(),
        status.replayLsn(),
        status.synchronousStandbyNames(),
        status.synchronousCommit(),
        status.upstream(),
        status.downstreams(),
        status.postmasterStart());
  }
}
