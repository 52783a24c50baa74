package io.shardguard.healthmonitor.core;

import io.shardguard.events.Diagnosis;
import io.shardguard.events.Observation.Verdict;
import java.time.Instant;
import java.util.List;

/**
 * A verdict with its reasons.
 *
 * @param diagnosis what is wrong; null if nothing is, or nothing is known
 * @param evidence what was seen, in words
 * @param since when the verdict was first given
 */
public record Judgement(
    Verdict verdict, Diagnosis diagnosis, List<String> evidence, Instant since) {

  /** Before the first look. */
  static Judgement unknown(Instant now) {
    return new Judgement(Verdict.UNKNOWN, null, List.of(), now);
  }

  boolean is(Verdict other) {
    return verdict == other;
  }
}
