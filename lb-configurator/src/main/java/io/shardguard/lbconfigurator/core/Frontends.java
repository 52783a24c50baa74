package io.shardguard.lbconfigurator.core;

import java.time.Duration;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What of HAProxy's configuration does not come from the topology.
 *
 * @param host address that HAProxy listens on
 * @param statsSocket path of the command socket
 * @param checkUser the user name with which HAProxy asks PostgreSQL whether it answers; it does not
 *     log in
 * @param oldSessions how long sessions may stay on a worker process that a reload has replaced
 */
public record Frontends(
    String host,
    int writePort,
    int readPort,
    int anyPort,
    int statsPort,
    String statsSocket,
    String checkUser,
    Duration oldSessions) {

  private static final Pattern ADDRESS = Pattern.compile("[A-Za-z0-9.:*-]{1,253}");
  private static final Pattern USER = Pattern.compile("[a-z_][a-z0-9_]{0,62}");
  private static final Pattern PATH = Pattern.compile("/[^\"'\\\\\\p{Cntrl}$]*");

  /** HAProxy makes the socket under a longer name first; the system takes 107 bytes. */
  private static final int LONGEST_SOCKET_PATH = 92;

  /**
   * Checks what goes into the file.
   *
   * @throws IllegalArgumentException that names the setting to change
   */
  public Frontends {
    check(ADDRESS.matcher(host).matches(), "shardguard.host is '" + host + "': give an address");
    check(
        USER.matcher(checkUser).matches(),
        "shardguard.haproxy.check-user is '" + checkUser + "': give a role's name");
    check(
        PATH.matcher(statsSocket).matches() && statsSocket.length() <= LONGEST_SOCKET_PATH,
        "shardguard.haproxy.dir makes a socket '"
            + statsSocket
            + "': give an absolute path, without quotes and shorter");
    check(
        Set.of(writePort, readPort, anyPort, statsPort).stream()
            .allMatch(port -> port > 0 && port < 65536),
        "a port in shardguard.haproxy.*-port is not in 1 to 65535");
    check(oldSessions.toSeconds() > 0, "shardguard.haproxy.old-sessions is below a second");
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
