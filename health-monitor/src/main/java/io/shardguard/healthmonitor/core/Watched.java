package io.shardguard.healthmonitor.core;

import io.shardguard.events.MemberAddress;
import io.shardguard.events.Observation.MemberStatus;
import io.shardguard.events.Observation.MemberView;
import io.shardguard.events.Observation.Verdict;
import java.time.Instant;

/**
 * One member under watch.
 *
 * @param said what was last published about it
 * @param link its replication, if it streams or did so until now; null otherwise
 */
public record Watched(
    int group, MemberAddress address, History history, Judgement judgement, Said said, Link link) {

  /** What was last published about a member. */
  public enum Said {
    NOTHING,
    UP,
    UNREACHABLE,
    DOWN
  }

  static Watched begin(int group, MemberAddress address, Instant now) {
    return new Watched(
        group, address, History.begin(now), Judgement.unknown(now), Said.NOTHING, null);
  }

  /** The member's name. */
  public String name() {
    return address.name();
  }

  /** Answers, and takes writes. */
  public boolean upWritable() {
    return up() && !status().inRecovery();
  }

  /** Answers. */
  public boolean up() {
    return judgement.is(Verdict.UP) && status() != null;
  }

  /** Its newest status; null if it never answered. */
  public MemberStatus status() {
    return history.status();
  }

  /** The form that observations have. */
  public MemberView view() {
    return new MemberView(
        group,
        name(),
        judgement.verdict(),
        judgement.diagnosis(),
        history.answer() == null ? null : history.answer().receivedAt(),
        status());
  }

  Watched with(History next) {
    return new Watched(group, address, next, judgement, said, link);
  }

  Watched with(Judgement next) {
    return new Watched(group, address, history, next, said, link);
  }

  Watched with(Said next) {
    return new Watched(group, address, history, judgement, next, link);
  }

  Watched with(Link next) {
    return new Watched(group, address, history, judgement, said, next);
  }
}
