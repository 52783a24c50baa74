package io.shardguard.provisioner.cluster;

import io.shardguard.clusterspec.ClusterSpec;
import io.shardguard.clusterspec.EngineSpec;
import io.shardguard.events.MemberAddress;
import io.shardguard.provisioner.cluster.ProvisionerConfig.DockerSettings;
import io.shardguard.provisioner.docker.DockerEngines;
import io.shardguard.provisioner.docker.DockerEngines.Endpoint;
import io.shardguard.provisioner.docker.DockerPlace;
import io.shardguard.provisioner.member.Secrets;
import io.shardguard.provisioner.runtime.LocalRuntime;
import io.shardguard.provisioner.runtime.MemberNamespaces;
import io.shardguard.provisioner.runtime.MemberRuntime;
import io.shardguard.provisioner.runtime.ServerUser;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Opens the runtime that the declaration asks for. */
final class Runtimes {

  private Runtimes() {}

  static MemberRuntime open(ClusterSpec spec, ProvisionerConfig config, Secrets secrets)
      throws IOException, InterruptedException {
    return spec.runtime().equals("docker") ? docker(spec, config, secrets) : local(config, secrets);
  }

  private static MemberRuntime docker(ClusterSpec spec, ProvisionerConfig config, Secrets secrets)
      throws IOException, InterruptedException {
    DockerSettings docker = config.docker();
    DockerPlace place =
        new DockerPlace(
            spec.cluster(),
            docker.prefix(),
            docker.network(),
            docker.image(),
            config.postgresBin(),
            config.stateDir().toAbsolutePath().resolve("members"),
            spec.limits());
    return DockerEngines.open(endpoints(spec, docker), place, secrets.passwordFile());
  }

  private static Map<String, Endpoint> endpoints(ClusterSpec spec, DockerSettings docker) {
    List<String> members = spec.members().map(MemberAddress::name).toList();
    if (spec.engines().isEmpty()) {
      return Map.of("docker", new Endpoint(docker.host(), Optional.empty(), members));
    }
    Map<String, Endpoint> endpoints = new LinkedHashMap<>();
    for (EngineSpec engine : spec.engines()) {
      endpoints.put(
          engine.name(),
          new Endpoint(
              engine.tls() ? engine.host() : docker.host(),
              engine.tls()
                  ? Optional.of(engine.certificates(docker.certificates()))
                  : Optional.empty(),
              members.stream()
                  .filter(member -> engine.name().equals(spec.placement().get(member)))
                  .toList()));
    }
    return endpoints;
  }

  private static MemberRuntime local(ProvisionerConfig config, Secrets secrets) throws IOException {
    Path members = config.stateDir().toAbsolutePath().resolve("members");
    ServerUser user = new ServerUser();
    user.directory(members);
    return new LocalRuntime(
        members,
        config.postgresBin(),
        secrets.passwordFile(),
        user,
        new MemberNamespaces(config.namespacesDir()));
  }
}
