package io.shardguard.lbconfigurator.core;

import io.shardguard.events.MemberAddress;
import java.util.regex.Pattern;

/**
 * A member as a server of one backend.
 *
 * @param name the member's name
 * @param host host name or address
 * @param port PostgreSQL's TCP port
 */
public record Server(String name, String host, int port, Use use) {

  private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
  private static final Pattern HOST =
      Pattern.compile("[A-Za-z0-9]([A-Za-z0-9.:-]{0,251}[A-Za-z0-9])?|::1");

  /** What a backend does with a server. */
  public enum Use {
    /** Gets connections. */
    ACTIVE,
    /** Gets connections when no active server can. */
    BACKUP,
    /** Gets none; it is named so that it can be switched on without a reload. */
    DISABLED
  }

  /**
   * Only what can be nothing but a name, a host and a port gets into a configuration file.
   *
   * @throws UnsafeTopologyException if a part is none
   */
  public Server {
    check(
        NAME.matcher(name).matches(),
        "the member name '" + name + "' is not made of a-z, 0-9 and -");
    check(
        HOST.matcher(host).matches(),
        "the host '" + host + "' of " + name + " is neither a name nor an address");
    check(port > 0 && port < 65536, "the port " + port + " of " + name + " is none");
  }

  static Server of(MemberAddress member, Use use) {
    return new Server(member.name(), member.host(), member.port(), use);
  }

  /** The address as HAProxy reads it. */
  public String address() {
    return (host.contains(":") ? "[" + host + "]:" : host + ":") + port;
  }

  /** The words that follow the address in the configuration, with a blank before. */
  public String options() {
    return switch (use) {
      case ACTIVE -> "";
      case BACKUP -> " backup";
      case DISABLED -> " disabled";
    };
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new UnsafeTopologyException(otherwise);
    }
  }
}
