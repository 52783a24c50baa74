package io.shardguard.cli.local;

/** The configuration that all services of a cluster share. */
final class ServiceProperties {

  private ServiceProperties() {}

  /** The content of shardguard.properties. */
  static String render(Installation installation) {
    StateDirectory state = installation.state();
    Ports ports = installation.ports();
    return """
    # Written by ./shardguard up. config_ordinal: above what the services bring with them.
    config_ordinal=300
    # Each service reads its own page of this file only.
    smallrye.config.mapping.validate-unknown=false
    shardguard.cluster=%s
    shardguard.state-dir=%s
    shardguard.secrets-dir=%s
    shardguard.cluster-file=%s
    shardguard.postgres-bin=%s
    shardguard.standin-dir=%s
    shardguard.engine=%s
    shardguard.port-base=%d
    shardguard.member-network=%s
    shardguard.host=127.0.0.1
    shardguard.haproxy.dir=%s
    shardguard.haproxy.write-port=%d
    shardguard.haproxy.read-port=%d
    shardguard.haproxy.any-port=%d
    shardguard.haproxy.stats-port=%d
    kafka.bootstrap.servers=%s
    %s\
    """
        .formatted(
            installation.cluster(),
            state.root(),
            state.secrets(),
            state.clusterFile(),
            installation.postgresBin(),
            Artefacts.standIn(state),
            installation.engine(),
            ports.base(),
            installation.network(),
            state.haproxy(),
            ports.write(),
            ports.read(),
            ports.any(),
            ports.stats(),
            installation.bootstrapServers(),
            NetworkNamespaces.of(installation)
                .map(namespaces -> "shardguard.namespaces-dir=" + namespaces.directory() + "\n")
                .orElse(""));
  }
}
