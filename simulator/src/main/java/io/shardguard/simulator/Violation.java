package io.shardguard.simulator;

/** Something happened that must never happen. */
public final class Violation extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final String rule;

  Violation(String rule, String words) {
    super(rule + ": " + words);
    this.rule = rule;
  }

  /** The invariant that does not hold, in words. */
  public String rule() {
    return rule;
  }
}
