package io.shardguard.healthmonitor.core;

import io.shardguard.events.Observation.MemberStatus;
import java.time.Instant;

/** What one attempt to hear from a member brought. */
public sealed interface ProbeResult {

  /**
   * The session answered the status query.
   *
   * @param askedAt when the query was sent: the member was alive after that
   */
  record Answered(Instant askedAt, MemberStatus status) implements ProbeResult {}

  /** There is no session, and a new one was refused: nobody listens on the member's port. */
  record Refused(String reason) implements ProbeResult {}

  /** No answer within the probe's bound: to the query, or to the attempt to open a session. */
  record TimedOut(String what) implements ProbeResult {}

  /**
   * The session, or the opening of one, broke off. By itself it says little: a new one is tried at
   * once.
   */
  record Broken(String reason) implements ProbeResult {}

  /**
   * There is no session, and the server itself said why: a sign of life.
   *
   * @param askedAt when the attempt began
   */
  record Rejected(Instant askedAt, String sqlState, String reason) implements ProbeResult {}

  /** How a separate new session fared, while the open one exists. */
  record NewSession(Outcome outcome, String reason) implements ProbeResult {}

  /** The ways of a separate new session. */
  enum Outcome {
    ACCEPTED,
    NOT_ACCEPTED,
    TOO_MANY_CONNECTIONS
  }
}
