package io.shardguard.failover.replay;

/** Nothing can be done with the log; the message says why, for people. */
public final class UnusableLogException extends Exception {

  private static final long serialVersionUID = 1L;

  UnusableLogException(String message) {
    super(message);
  }
}
