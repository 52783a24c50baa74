package io.shardguard.lbconfigurator.core;

import java.util.ArrayList;
import java.util.List;

/**
 * A server in the running HAProxy, as {@code show servers state} tells it.
 *
 * @param host address, resolved
 * @param hostName the name that was resolved; {@code -} if it is an address
 * @param open no maintenance: it gets connections
 */
public record RunningServer(
    Backend backend, String name, String host, String hostName, int port, boolean open) {

  private static final int BACKEND = 1;
  private static final int NAME = 3;
  private static final int HOST = 4;
  private static final int ADMIN_STATE = 6;
  private static final int HOST_NAME = 17;
  private static final int PORT = 18;

  /** The bits of the administrative state that mean maintenance, by command or by configuration. */
  private static final int MAINTENANCE = 0x01 | 0x04;

  /** Reads the answer; the servers of backends that are not ours are left out. */
  public static List<RunningServer> parse(String answer) {
    List<RunningServer> servers = new ArrayList<>();
    for (String line : answer.lines().toList()) {
      String[] columns = line.trim().split("\\s+");
      if (!line.startsWith("#") && columns.length > PORT) {
        Backend.named(columns[BACKEND]).ifPresent(backend -> servers.add(read(backend, columns)));
      }
    }
    return List.copyOf(servers);
  }

  /** It is at this wanted server's address. */
  boolean isAt(Server wanted) {
    return port == wanted.port() && (host.equals(wanted.host()) || hostName.equals(wanted.host()));
  }

  private static RunningServer read(Backend backend, String[] columns) {
    boolean open = (Integer.parseInt(columns[ADMIN_STATE]) & MAINTENANCE) == 0;
    return new RunningServer(
        backend,
        columns[NAME],
        columns[HOST],
        columns[HOST_NAME],
        Integer.parseInt(columns[PORT]),
        open);
  }
}
