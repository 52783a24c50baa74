package io.shardguard.cli;

/** What the commands' exit codes mean. */
public final class ExitCodes {

  /** Done; the cluster is whole. */
  public static final int OK = 0;

  /**
   * Not done, or done and the cluster is not whole; a drill lost rows or the group did not heal.
   */
  public static final int FAILED = 1;

  /** The command line is wrong. */
  public static final int USAGE = 2;

  /** Something that the command needs is not there; nothing was changed. */
  public static final int PRECONDITION = 3;

  /** For the help of every command. */
  public static final String[] HELP = {
    "0:Done, and the cluster is whole.",
    "1:Not done, or the cluster is not whole.",
    "2:The command line is wrong.",
    "3:Something that the command needs is not there (a running cluster, a program, a free port); nothing was changed."
  };

  private ExitCodes() {}
}
