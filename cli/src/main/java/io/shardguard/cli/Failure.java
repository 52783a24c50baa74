package io.shardguard.cli;

/**
 * Why a command ends without success, in words for the person who called it: what is wrong, and
 * what to do.
 */
public final class Failure extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final int exitCode;

  private Failure(int exitCode, String message, Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
  }

  /** Something is not there that the command needs; nothing was changed. */
  public static Failure precondition(String what, String remedy) {
    return new Failure(ExitCodes.PRECONDITION, what + "\n" + remedy, null);
  }

  /** The command was begun and could not be finished. */
  public static Failure failed(String what, String remedy) {
    return failed(what, remedy, null);
  }

  /** The command was begun and could not be finished. */
  public static Failure failed(String what, String remedy, Throwable cause) {
    return new Failure(ExitCodes.FAILED, what + "\n" + remedy, cause);
  }

  /** As in {@link ExitCodes}. */
  public int exitCode() {
    return exitCode;
  }
}
