package io.shardguard.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Who logs in, and to which database.
 *
 * @param applicationName shown in the server's pg_stat_activity
 */
public record Login(String user, String password, String database, String applicationName) {

  /**
   * A login whose password stands in the file {@code <role>.password} of the secrets directory.
   *
   * @throws IOException if the file cannot be read
   */
  public static Login of(
      String role, String database, String applicationName, Path secretsDirectory)
      throws IOException {
    String password = Files.readString(secretsDirectory.resolve(role + ".password")).strip();
    return new Login(role, password, database, applicationName);
  }

  /** Without the password: this may reach a log. */
  @Override
  public String toString() {
    return user + "@" + database + " as " + applicationName;
  }
}
