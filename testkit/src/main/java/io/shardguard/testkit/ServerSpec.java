package io.shardguard.testkit;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a test wants of a server before it runs: made by {@link PostgresServer#named}, ended by
 * {@link #start}.
 */
public final class ServerSpec {

  private final String name;
  private final PostgresServer primary;
  private final Map<String, String> settings = new LinkedHashMap<>();
  private String address = "127.0.0.1";
  private int port;

  ServerSpec(String name, PostgresServer primary) {
    this.name = name;
    this.primary = primary;
    if (primary != null) {
      settings.putAll(primary.settings());
    }
  }

  /**
   * Adds or replaces a line of postgresql.conf; the value is quoted here, e.g. {@code
   * setting("work_mem", "8MB")}.
   */
  public ServerSpec setting(String key, String value) {
    settings.put(key, value);
    return this;
  }

  /** The loopback address to listen on; 127.0.0.1 unless told. */
  public ServerSpec address(String loopback) {
    this.address = loopback;
    return this;
  }

  /** The port to listen on; a free one unless told. */
  public ServerSpec port(int fixed) {
    this.port = fixed;
    return this;
  }

  /**
   * Starts the server and waits until it answers SQL.
   *
   * @throws IllegalStateException with the end of the server's log when it does not come up within
   *     a minute
   */
  public PostgresServer start() {
    int chosen = port == 0 ? FreePorts.on(address) : port;
    PostgresServer server = new PostgresServer(name, address, chosen, settings);
    try {
      if (primary == null) {
        server.createEmpty();
      } else {
        server.cloneFrom(primary);
      }
      server.start();
      return server;
    } catch (RuntimeException e) {
      server.close();
      throw e;
    }
  }
}
