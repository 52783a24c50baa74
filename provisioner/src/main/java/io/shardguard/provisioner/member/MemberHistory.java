package io.shardguard.provisioner.member;

import io.shardguard.provisioner.core.RestartPause;
import java.time.Duration;

/** When a member was started, answered and ended. Thread-safe; times of System.nanoTime. */
final class MemberHistory {

  private long startedAt;
  private long answeredAt;
  private long restartAt;
  private int quickExits;
  private long copyAt;
  private int failedCopies;

  synchronized void started(long now) {
    startedAt = now;
    answeredAt = now;
  }

  synchronized void answered(long now) {
    answeredAt = now;
  }

  /** Its end, whoever brought it about. */
  synchronized void ended(long now, boolean replaceable) {
    boolean soon = now - startedAt < RestartPause.SOON.toNanos();
    quickExits = soon ? quickExits + 1 : 0;
    restartAt = now + RestartPause.after(quickExits, replaceable).toNanos();
  }

  /** Ended on purpose: it may be started at once. */
  synchronized void endedOnPurpose(long now) {
    quickExits = 0;
    restartAt = now;
  }

  /** To copy the primary did not work. */
  synchronized void copyFailed(long now) {
    failedCopies++;
    copyAt = now + RestartPause.after(failedCopies, false).toNanos();
  }

  synchronized void forgetFailedCopies() {
    failedCopies = 0;
  }

  /** It is too early to copy the primary again. */
  synchronized boolean restsFromCopying(long now) {
    return failedCopies > 0 && now < copyAt;
  }

  synchronized int quickExits() {
    return quickExits;
  }

  synchronized Duration pauseLeft(long now) {
    return Duration.ofNanos(Math.max(0, restartAt - now));
  }

  synchronized Duration silentFor(long now) {
    return Duration.ofNanos(now - answeredAt);
  }
}
