package io.shardguard.provisioner.docker;

import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.Mount;
import com.github.dockerjava.api.model.MountType;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A container that mounts the volumes of all members and does nothing by itself: programs are run
 * in it that work on the members' files, whether these run or not. No network, no rights.
 */
final class DiskContainer {

  private final DockerEngine engine;
  private final DockerPlace place;
  private final List<String> members;
  private final Map<String, DockerDisk> disks = new ConcurrentHashMap<>();
  private boolean prepared;

  DiskContainer(DockerEngine engine, DockerPlace place, List<String> members) {
    this.engine = engine;
    this.place = place;
    this.members = members;
  }

  /**
   * Makes the volumes that are missing, and the container anew.
   *
   * @throws IllegalStateException if a volume is another cluster's; the message says what to do
   */
  synchronized void prepare() throws IOException, InterruptedException {
    make();
    prepared = true;
  }

  /** The files of a member. */
  DockerDisk disk(String member) {
    return disks.computeIfAbsent(member, name -> new DockerDisk(this));
  }

  /**
   * A new session; the container is made anew if it does not run any more.
   *
   * @throws IOException if the engine cannot be reached, or was not prepared yet
   */
  DiskSession open() throws IOException, InterruptedException {
    synchronized (this) {
      if (!prepared) {
        throw new IOException("the Docker engine at " + engine.host() + " was not reached yet");
      }
      if (engine.state(name()).filter(DockerEngine.State::running).isEmpty()) {
        make();
      }
    }
    return new DiskSession(engine, name());
  }

  void close() throws IOException, InterruptedException {
    disks.values().forEach(DockerDisk::close);
    engine.remove(name());
  }

  /** With the volumes: an engine that was replaced meanwhile has none, and would make its own. */
  private void make() throws IOException, InterruptedException {
    for (String member : members) {
      ensureVolume(member);
    }
    engine.remove(name());
    List<Mount> mounts = members.stream().map(member -> mount(place, member)).toList();
    engine.create(
        place.image(),
        create ->
            create
                .withName(name())
                .withLabels(place.labels("disk"))
                .withEntrypoint("sleep")
                .withCmd("infinity")
                .withStopSignal("SIGKILL")
                .withHostConfig(
                    HostConfig.newHostConfig()
                        .withMounts(mounts)
                        .withNetworkMode("none")
                        .withReadonlyRootfs(true)
                        .withTmpFs(Map.of("/tmp", "rw,size=16m"))
                        .withCapDrop(Capability.ALL)
                        .withSecurityOpts(List.of("no-new-privileges"))));
    engine.start(name());
  }

  static Mount mount(DockerPlace place, String member) {
    return new Mount()
        .withType(MountType.VOLUME)
        .withSource(place.name(member))
        .withTarget(place.home(member).toString());
  }

  private void ensureVolume(String member) throws IOException, InterruptedException {
    String name = place.name(member);
    var labels = engine.volume(name);
    if (labels.isPresent()) {
      requireOurs(name, member, labels.get());
    } else {
      Map<String, String> all = new TreeMap<>(place.labels());
      all.put(DockerPlace.LABEL_MEMBER, member);
      engine.createVolume(name, all);
    }
    if (engine.state(name).isEmpty()) {
      handOver(name);
    }
  }

  private void requireOurs(String name, String member, Map<String, String> labels) {
    if (!isOf(member, labels)) {
      throw new IllegalStateException(
          "the volume "
              + name
              + " is there already and is not of member "
              + member
              + " of cluster "
              + place.cluster()
              + " (its labels: "
              + labels
              + "): it is left alone; remove it, or use another prefix");
    }
  }

  /** Whether a volume with these labels is that of a member of this cluster. */
  boolean isOf(String member, Map<String, String> labels) {
    return place.cluster().equals(labels.get(DockerPlace.LABEL_CLUSTER))
        && member.equals(labels.get(DockerPlace.LABEL_MEMBER));
  }

  /**
   * An empty volume gets its owner from the directory of the image that it is mounted over; one
   * that is not empty stays as it is.
   */
  private void handOver(String name) throws IOException, InterruptedException {
    String first =
        engine.create(
            place.image(),
            create ->
                create
                    .withLabels(place.labels("look"))
                    .withHostConfig(
                        HostConfig.newHostConfig()
                            .withNetworkMode("none")
                            .withMounts(
                                List.of(
                                    new Mount()
                                        .withType(MountType.VOLUME)
                                        .withSource(name)
                                        .withTarget("/var/lib/shardguard/member")))));
    engine.remove(first);
  }

  private String name() {
    return place.prefix() + "-disk";
  }
}
