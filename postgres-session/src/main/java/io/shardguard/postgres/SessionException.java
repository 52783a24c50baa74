package io.shardguard.postgres;

/** A call to PostgreSQL that did not succeed. */
public final class SessionException extends Exception {

  private static final long serialVersionUID = 1L;

  /** How much is known of the call's effect. */
  public enum Kind {
    /** The server refused the connection or the network did: nothing was done. */
    REFUSED,
    /** The server answered with an error: the statement had no effect. */
    FAILED,
    /** The session broke during the call: the effect is unknown. */
    BROKEN,
    /** No answer in time: the effect is unknown, the session is dropped. */
    TIMED_OUT
  }

  private final Kind kind;
  private final String sqlState;

  SessionException(Kind kind, String sqlState, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
    this.sqlState = sqlState;
  }

  /** How much is known of the call's effect. */
  public Kind kind() {
    return kind;
  }

  /** The server's SQLSTATE; empty if the server said nothing. */
  public String sqlState() {
    return sqlState;
  }

  /** The call may have had its effect. */
  public boolean effectUnknown() {
    return kind == Kind.BROKEN || kind == Kind.TIMED_OUT;
  }
}
