package io.shardguard.provisioner.docker;

import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.RestartPolicy;
import io.shardguard.provisioner.runtime.Member;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** In what form the containers of a member are made: as few rights as PostgreSQL needs. */
record MemberContainer(DockerPlace place, Member member, String imageId) {

  private static final long SHARED_MEMORY = 256L << 20;

  /** The member itself: nobody but the provisioner starts it again. */
  CreateContainerCmd server(CreateContainerCmd create) {
    return create
        .withName(place.name(member.name()))
        .withHostName(member.name())
        .withLabels(serverLabels())
        .withEnv(environment())
        .withCmd(member.files().home().toString())
        .withIpv4Address(member.address().host())
        .withAliases(member.name())
        .withHostConfig(host());
  }

  /** Whether the member's container is what {@link #server} would make, and still connected. */
  boolean isAsWanted(DockerEngine.State state) {
    return serverLabels().get(DockerPlace.LABEL_FORM).equals(state.label(DockerPlace.LABEL_FORM))
        && member.address().host().equals(state.addresses().get(place.network()));
  }

  /** The labels of the member itself; what it is made of is among them. */
  Map<String, String> serverLabels() {
    Map<String, String> labels = labels("member");
    labels.put(
        DockerPlace.LABEL_FORM,
        String.join(
            " ",
            imageId,
            place.network(),
            member.address().host(),
            place.limits().toString(),
            member.files().home().toString()));
    return labels;
  }

  /** A program beside the member, with the same volume. */
  CreateContainerCmd program(CreateContainerCmd create, List<String> command) {
    return create
        .withLabels(labels("work"))
        .withEnv(environment())
        .withEntrypoint(command.getFirst())
        .withCmd(command.subList(1, command.size()))
        .withHostConfig(host());
  }

  /** The labels of everything in which this member's programs work, by what it is for. */
  Map<String, String> labels(String role) {
    Map<String, String> labels = new TreeMap<>(place.labels(role));
    labels.put(DockerPlace.LABEL_MEMBER, member.name());
    labels.put(DockerPlace.LABEL_GROUP, Integer.toString(member.group()));
    return labels;
  }

  private List<String> environment() {
    return List.of(
        "LC_ALL=C.UTF-8",
        "POSTGRES_BIN=" + place.postgresBin(),
        "PGPASSFILE=" + DockerRuntime.passwordFile(member));
  }

  private HostConfig host() {
    HostConfig host =
        HostConfig.newHostConfig()
            .withMounts(List.of(DiskContainer.mount(place, member.name())))
            .withNetworkMode(place.network())
            .withRestartPolicy(RestartPolicy.noRestart())
            .withReadonlyRootfs(true)
            .withTmpFs(Map.of("/tmp", "rw,size=64m"))
            .withShmSize(SHARED_MEMORY)
            .withCapDrop(Capability.ALL)
            .withSecurityOpts(List.of("no-new-privileges"));
    place.limits().memoryBytes().ifPresent(host::withMemory);
    place.limits().nanoCpus().ifPresent(host::withNanoCPUs);
    return host;
  }
}
