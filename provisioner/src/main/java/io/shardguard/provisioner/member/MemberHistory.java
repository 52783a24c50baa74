package io.shardguard.provisioner.member;

import io.shardguard.provisioner.core.RestartPause;
import java.time.Duration;

/** When a member was started, answered and ended. Thread-safe; times of System.nanoTime. */
final class MemberHistory {

  private long startedAt;
  private long answeredAt;
  private long restartAt;
  private int quickExits;
  private long rejoinAt;
  private int rejoinsInVain;

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

  /** The last means to follow the primary did not work, or cannot for long. */
  synchronized void rejoinedInVain(long now) {
    rejoinsInVain++;
    rejoinAt = now + RestartPause.after(rejoinsInVain, false).toNanos();
  }

  synchronized void forgetRejoinsInVain() {
    rejoinsInVain = 0;
  }

  /** It is too early to try again to follow the primary. */
  synchronized boolean restsFromRejoining(long now) {
    return rejoinsInVain > 0 && now < rejoinAt;
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
