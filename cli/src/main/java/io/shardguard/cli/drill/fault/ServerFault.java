package io.shardguard.cli.drill.fault;

/** What can happen to a member's processes. */
public enum ServerFault {
  KILL_POSTMASTER("kill -9 of the postmaster"),
  KILL_ALL("kill -9 of all processes"),
  STOP("fast shutdown"),
  FREEZE_ALL("SIGSTOP of all processes"),
  FREEZE_POSTMASTER("SIGSTOP of the postmaster"),
  /**
   * No file can grow or be written beyond its first bytes: the servers' writes fail as on a full
   * disk, until it is undone or the member was started anew.
   */
  FULL_DISK("writes to files fail");

  private final String words;

  ServerFault(String words) {
    this.words = words;
  }

  /** For reports. */
  public String words() {
    return words;
  }

  /** It lasts until it is undone. */
  public boolean lasts() {
    return switch (this) {
      case KILL_POSTMASTER, KILL_ALL, STOP -> false;
      case FREEZE_ALL, FREEZE_POSTMASTER, FULL_DISK -> true;
    };
  }
}
