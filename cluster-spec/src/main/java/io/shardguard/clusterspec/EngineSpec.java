package io.shardguard.clusterspec;

/**
 * A declared Docker engine.
 *
 * @param name unique in the cluster
 * @param host where it listens: {@code unix:///path} on this machine, or {@code tcp://host:port}
 *     with TLS
 */
public record EngineSpec(String name, String host) {

  /** Whether it is reached over the network, and proves who it is, as do those who call it. */
  public boolean tls() {
    return host.startsWith("tcp://");
  }
}
