package io.shardguard.testkit;

import java.nio.file.Path;
import java.util.List;

/** The keys of somebody whom nobody trusts. Needs the program openssl. */
public final class SelfSignedKeys {

  private SelfSignedKeys() {}

  /**
   * Makes a key and its certificate.
   *
   * @throws IllegalStateException if they cannot be made
   */
  public static void make(Path key, Path certificate) {
    Command.outputOf(
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
  }
}
