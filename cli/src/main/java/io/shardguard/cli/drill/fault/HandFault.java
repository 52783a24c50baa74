package io.shardguard.cli.drill.fault;

/** What a hasty hand can do. */
public enum HandFault {
  PROMOTE("standby promoted by hand"),
  /** Commits are acknowledged without any standby until somebody puts it right. */
  UNSET_SYNCHRONOUS("synchronous_standby_names emptied by hand");

  private final String words;

  HandFault(String words) {
    this.words = words;
  }

  /** For reports. */
  public String words() {
    return words;
  }
}
