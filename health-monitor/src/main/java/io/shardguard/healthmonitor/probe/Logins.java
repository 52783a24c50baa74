package io.shardguard.healthmonitor.probe;

import io.shardguard.postgres.Login;
import java.io.IOException;
import java.nio.file.Path;
import org.jboss.logging.Logger;

/** The monitor's login, read when first wanted, and again after a server rejected it. */
public final class Logins {

  private static final Logger LOG = Logger.getLogger(Logins.class);
  private static final String APPLICATION = "shardguard-health-monitor";

  private final String role;
  private final String database;
  private final Path secrets;
  private Login login;
  private boolean complained;

  /** A login of {@code role} to {@code database}, the password in {@code secrets}. */
  public Logins(String role, String database, Path secrets) {
    this.role = role;
    this.database = database;
    this.secrets = secrets;
  }

  /** The login; null while its password cannot be read, which is logged once. */
  Login current() {
    if (login == null) {
      try {
        login = Login.of(role, database, APPLICATION, secrets);
        complained = false;
      } catch (IOException e) {
        complain(e);
      }
    }
    return login;
  }

  /** The password may have changed: read it again. */
  void forget() {
    login = null;
  }

  /** Where the password stands, for messages. */
  Path file() {
    return secrets.resolve(role + ".password");
  }

  private void complain(IOException e) {
    if (!complained) {
      complained = true;
      LOG.errorf("no member can be asked: the password of %s cannot be read: %s", role, e);
    }
  }
}
