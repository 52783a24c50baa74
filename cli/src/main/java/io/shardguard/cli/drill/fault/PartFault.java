package io.shardguard.cli.drill.fault;

/** What can happen to a part of the control plane. */
public enum PartFault {
  KILL("kill -9"),
  FREEZE("SIGSTOP");

  private final String words;

  PartFault(String words) {
    this.words = words;
  }

  /** For reports. */
  public String words() {
    return words;
  }
}
