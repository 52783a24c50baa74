package io.shardguard.testkit;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The keys of somebody whom nobody trusts. Needs the program openssl. */
public final class SelfSignedKeys {

  private SelfSignedKeys() {}

  /**
   * Makes a key and its certificate.
   *
   * @throws IllegalStateException if they cannot be made
   */
  public static void make(Path key, Path certificate) {
    Command made =
        Command.run(
            Map.of(),
            List.of(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-subj",
                "/CN=stranger",
                "-keyout",
                key.toString(),
                "-out",
                certificate.toString()));
    if (made.exitCode() != 0) {
      throw new IllegalStateException("no keys were made: " + made.output());
    }
  }
}
