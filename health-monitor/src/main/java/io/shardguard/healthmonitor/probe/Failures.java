package io.shardguard.healthmonitor.probe;

import io.shardguard.healthmonitor.core.ProbeResult;
import io.shardguard.healthmonitor.core.ProbeResult.Broken;
import io.shardguard.healthmonitor.core.ProbeResult.NewSession;
import io.shardguard.healthmonitor.core.ProbeResult.Outcome;
import io.shardguard.healthmonitor.core.ProbeResult.Refused;
import io.shardguard.healthmonitor.core.ProbeResult.Rejected;
import io.shardguard.healthmonitor.core.ProbeResult.TimedOut;
import io.shardguard.postgres.SessionException;
import java.net.ConnectException;
import java.time.Instant;

/** Reads what a failed call says about the member. */
final class Failures {

  private static final String TOO_MANY_CONNECTIONS = "53300";

  private Failures() {}

  /** A new session was wanted, and there is no other. */
  static ProbeResult ofConnect(Throwable cause, Instant askedAt) {
    SessionException failure = known(cause);
    return switch (failure.kind()) {
      case FAILED -> new Rejected(askedAt, failure.sqlState(), failure.getMessage());
      case TIMED_OUT -> new TimedOut(failure.getMessage());
      case BROKEN -> new Broken(failure.getMessage());
      case REFUSED -> notConnected(failure);
    };
  }

  /** The open session was asked. */
  static ProbeResult ofQuery(Throwable cause, Instant askedAt) {
    SessionException failure = known(cause);
    return switch (failure.kind()) {
      case TIMED_OUT -> new TimedOut(failure.getMessage());
      case BROKEN, REFUSED -> new Broken(failure.getMessage());
      // 57P01..57P03: the server ends the session, which is as good as a break.
      case FAILED ->
          failure.sqlState().startsWith("57P")
              ? new Broken(failure.getMessage())
              : new Rejected(askedAt, failure.sqlState(), failure.getMessage());
    };
  }

  /** A separate new session was tried beside the open one. */
  static NewSession ofNewSession(Throwable cause) {
    SessionException failure = known(cause);
    boolean tooMany = failure.sqlState().equals(TOO_MANY_CONNECTIONS);
    return new NewSession(
        tooMany ? Outcome.TOO_MANY_CONNECTIONS : Outcome.NOT_ACCEPTED, failure.getMessage());
  }

  /**
   * Only a refusal says that the host answers and nobody listens; 'no route', 'network unreachable'
   * and the like are as good as silence, and a reset during the login is a break.
   */
  private static ProbeResult notConnected(SessionException failure) {
    Throwable cause = failure.getCause();
    String words = String.valueOf(cause == null ? "" : cause.getMessage());
    if (cause instanceof ConnectException && words.contains("refused")) {
      return new Refused(failure.getMessage());
    }
    return words.contains("reset") || words.contains("closed") || words.contains("Broken pipe")
        ? new Broken(failure.getMessage())
        : new TimedOut(failure.getMessage());
  }

  private static SessionException known(Throwable cause) {
    if (cause instanceof SessionException failure) {
      return failure;
    }
    throw new IllegalStateException("a call to PostgreSQL failed in an unforeseen way", cause);
  }
}
