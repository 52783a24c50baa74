package io.shardguard.cli;

import java.io.IOException;

/** Runs an interactive program that shares this process' terminal. */
final class Foreground {

  private Foreground() {}

  /**
   * Runs it to its end and returns its exit code. Control-C is its business: psql cancels a query
   * by it.
   */
  static int run(ProcessBuilder builder) throws IOException, InterruptedException {
    return builder.inheritIO().start().waitFor();
  }
}
