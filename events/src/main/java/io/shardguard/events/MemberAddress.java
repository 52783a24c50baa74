package io.shardguard.events;

/**
 * Where a member is reached.
 *
 * @param name the member's name, unique in the cluster; says nothing of its role
 * @param host host name or address; one distinct address per member
 * @param port PostgreSQL's TCP port
 */
public record MemberAddress(String name, String host, int port) {

  /** The address as {@code host:port}. */
  public String hostAndPort() {
    return host + ":" + port;
  }
}
