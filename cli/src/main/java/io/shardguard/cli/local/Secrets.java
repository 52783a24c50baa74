package io.shardguard.cli.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;

/** The passwords of PostgreSQL's roles, made at the cluster's first start. */
final class Secrets {

  /** Every role that logs in. */
  static final List<String> ROLES =
      List.of(
          "postgres", "shardguard_failover", "shardguard_monitor", "shardguard_replication", "app");

  /** Bytes of chance in a password. */
  private static final int STRENGTH = 24;

  private static final String MODE = "rw-------";

  private Secrets() {}

  /**
   * Makes the passwords that are missing, and libpq's password file; those that exist stay as they
   * are.
   */
  static void makeMissing(StateDirectory state, OwnedFiles files) throws IOException {
    files.directory(state.secrets(), "rwx------");
    StringBuilder pgpass = new StringBuilder();
    for (String role : ROLES) {
      Path file = state.secrets().resolve(role + ".password");
      if (!Files.exists(file)) {
        files.write(file, random() + "\n", MODE);
      }
      pgpass
          .append("*:*:*:")
          .append(role)
          .append(':')
          .append(Files.readString(file).strip())
          .append('\n');
    }
    files.write(state.pgpass(), pgpass.toString(), MODE);
  }

  /** Letters, digits, dash and underscore: nothing that any file format would want escaped. */
  private static String random() {
    byte[] bytes = new byte[STRENGTH];
    new SecureRandom().nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
