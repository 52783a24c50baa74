package io.shardguard.lbconfigurator.core;

/**
 * The topology holds something that must not get into a configuration file; the message says what.
 */
public final class UnsafeTopologyException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  UnsafeTopologyException(String message) {
    super(message);
  }
}
