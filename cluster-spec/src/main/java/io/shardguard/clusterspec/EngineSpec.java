package io.shardguard.clusterspec;

import java.nio.file.Path;
import java.util.List;

/**
 * A declared Docker engine.
 *
 * @param name unique in the cluster
 * @param host where it listens: {@code unix:///path} on this machine, or {@code tcp://host:port}
 *     with TLS
 */
public record EngineSpec(String name, String host) {

  /** The files that are needed to call an engine over the network. */
  public static final List<String> CERTIFICATES = List.of("ca.pem", "cert.pem", "key.pem");

  /** Whether it is reached over the network, and proves who it is, as do those who call it. */
  public boolean tls() {
    return host.startsWith("tcp://");
  }

  /**
   * The directory of its {@link #CERTIFICATES}.
   *
   * @param all has one for each engine
   */
  public Path certificates(Path all) {
    return all.resolve(name);
  }
}
