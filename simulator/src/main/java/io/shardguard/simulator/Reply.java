package io.shardguard.simulator;

/**
 * How a call to a member ended.
 *
 * @param value what it answered; null unless OK
 * @param reason why it did not; null if OK
 */
record Reply(Kind kind, Object value, String reason) {

  /** The four endings. */
  enum Kind {
    OK,
    /** The member says no. */
    FAILED,
    /** Nobody knows. */
    TIMED_OUT,
    /** The session broke: nobody knows either. */
    BROKEN,
    /** Nobody listens. */
    REFUSED
  }

  static Reply ok(Object value) {
    return new Reply(Kind.OK, value, null);
  }

  static Reply failed(String reason) {
    return new Reply(Kind.FAILED, null, reason);
  }

  boolean ok() {
    return kind == Kind.OK;
  }

  boolean unknown() {
    return kind == Kind.TIMED_OUT || kind == Kind.BROKEN;
  }

  boolean yes() {
    return ok() && Boolean.TRUE.equals(value);
  }
}
