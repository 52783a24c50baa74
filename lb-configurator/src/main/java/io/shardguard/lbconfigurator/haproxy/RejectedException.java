package io.shardguard.lbconfigurator.haproxy;

/**
 * HAProxy does not take a configuration; the message holds its words. The one before is in force.
 */
public final class RejectedException extends Exception {

  private static final long serialVersionUID = 1L;

  RejectedException(String message) {
    super(message);
  }
}
