package io.shardguard.provisioner.member;

import io.shardguard.provisioner.core.FirstSql;
import io.shardguard.provisioner.core.ScramVerifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.Map;

/**
 * The directory of the roles' passwords.
 *
 * @param directory holds {@code <role>.password} and {@code pgpass}
 */
public record Secrets(Path directory) {

  private static final SecureRandom RANDOM = new SecureRandom();

  /** libpq's password file with every role. */
  public Path passwordFile() {
    return directory.resolve("pgpass");
  }

  /** The superuser's password, as initdb reads it. */
  Path superuserPassword() {
    return directory.resolve("postgres.password");
  }

  /** What PostgreSQL keeps of the passwords of the roles that a new member gets. */
  Map<String, String> verifiers() throws IOException {
    Map<String, String> verifiers = new HashMap<>();
    for (String role : FirstSql.ROLES) {
      byte[] salt = new byte[16];
      RANDOM.nextBytes(salt);
      String password = Files.readString(directory.resolve(role + ".password")).strip();
      verifiers.put(role, ScramVerifier.of(password, salt));
    }
    return verifiers;
  }
}
