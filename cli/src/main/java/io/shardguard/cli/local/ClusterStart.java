package io.shardguard.cli.local;

import io.shardguard.cli.Failure;
import io.shardguard.cli.Terminal;
import io.shardguard.cli.local.Installation.EngineChoice;
import io.shardguard.cli.local.Installation.NetworkChoice;
import io.shardguard.clusterspec.ClusterSpec;
import io.shardguard.clusterspec.ClusterSpecException;
import io.shardguard.clusterspec.ClusterSpecReader;
import io.shardguard.clusterspec.MemberNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Checks, makes and starts a cluster on this machine. */
public final class ClusterStart {

  private static final Path JAVA_HOME = Path.of(System.getProperty("java.home"));

  private final Wanted wanted;
  private final StateDirectory state;
  private final Artefacts artefacts;
  private final Terminal terminal;
  private final RunUser user = RunUser.choose();
  private final Supervisor supervisor;

  /**
   * What the caller asked for.
   *
   * @param portBase null: as before, else the default
   * @param clusterFile null: as before, else the default declaration
   * @param network null: as before, else {@link NetworkChoice#LOOPBACK}
   * @param engine null: as before, else {@link EngineChoice#AUTO}
   * @param observers null: as before, else one
   */
  public record Wanted(
      StateDirectory state,
      Integer portBase,
      Path clusterFile,
      NetworkChoice network,
      EngineChoice engine,
      Integer observers,
      Path postgresBin) {}

  public ClusterStart(Wanted wanted, Artefacts artefacts, Terminal terminal) {
    this.wanted = wanted;
    this.state = wanted.state();
    this.artefacts = artefacts;
    this.terminal = terminal;
    this.supervisor = new Supervisor(state, user);
  }

  /**
   * Starts the cluster, or what of it does not run.
   *
   * @throws Failure if something stands in the way: nothing was changed then
   */
  public Installation start() throws IOException {
    Checks.stateDirectory(state);
    Optional<Installation> existing =
        Files.exists(state.marker()) ? Optional.of(state.installation()) : Optional.empty();
    existing.ifPresent(this::requireSame);
    if (existing.isPresent() && supervisor.running()) {
      return keepRunning(existing.get());
    }
    MemberNetwork network = network(existing);
    String declaration = declaration(network);
    ClusterSpec spec = check(existing, declaration, network);
    Installation installation =
        existing
            .orElseGet(() ->
                new Installation(
                    state,
                    spec.cluster(),
                    portBase(),
                    network,
                    wanted.engine() == null ? EngineChoice.AUTO : wanted.engine(),
                    observers(existing),
                    user.name(),
                    wanted.postgresBin().toString()))
            .watchedBy(observers(existing));
    terminal.step("Everything that is needed is there; the state directory is " + state.root());
    make(installation, declaration);
    NetworkNamespaces.of(installation).ifPresent(this::makeNetwork);
    supervisor.start();
    terminal.step("Kafka, HAProxy and the services are being started, as user " + user.name());
    return installation;
  }

  private Installation keepRunning(Installation installation) throws IOException {
    if (wanted.clusterFile() != null
        && !Files.readString(wanted.clusterFile()).equals(Files.readString(state.clusterFile()))) {
      throw Failure.precondition(
          "The cluster is running with another declaration than " + wanted.clusterFile() + ".",
          "Call ./shardguard down first, then up with the new one.");
    }
    if (wanted.observers() != null && wanted.observers() != installation.observers()) {
      throw Failure.precondition(
          "The cluster is running with --observers " + installation.observers() + ".",
          "Call ./shardguard down first, then up with the new number.");
    }
    terminal.step("Cluster " + installation.cluster() + " is running already, in " + state.root());
    if (!artefacts.copied(state)) {
      terminal.line(
          "           It runs an older build than this one: ./shardguard down and up again to run the new one.");
    }
    supervisor.startStopped();
    return installation;
  }

  private void requireSame(Installation existing) {
    if (existing.docker()) {
      throw Failure.precondition(
          "The cluster in " + state.root() + " is one of containers.",
          "Call this with --docker, or name another directory by --state.");
    }
    if (wanted.portBase() != null && wanted.portBase() != existing.portBase()) {
      throw Failure.precondition(
          "The cluster in "
              + state.root()
              + " was made with --port-base "
              + existing.portBase()
              + ".",
          "Leave --port-base out, or name another directory by --state.");
    }
    if (wanted.network() != null && wanted.network() != existing.networkChoice()) {
      throw Failure.precondition(
          "The cluster in "
              + state.root()
              + " was made with --network "
              + existing.networkChoice()
              + ": its members keep their addresses.",
          "Leave --network out, or name another directory by --state.");
    }
    if (wanted.engine() != null && wanted.engine() != existing.engine()) {
      throw Failure.precondition(
          "The cluster in " + state.root() + " was made with --engine " + existing.engine() + ".",
          "Leave --engine out, or name another directory by --state.");
    }
    if (!existing.user().equals(user.name())) {
      throw Failure.precondition(
          "The cluster in "
              + state.root()
              + " runs as user "
              + existing.user()
              + "; this call would run it as "
              + user.name()
              + ".",
          "Call this as the user who made the cluster.");
    }
  }

  private int portBase() {
    return wanted.portBase() == null ? Ports.DEFAULT_BASE : wanted.portBase();
  }

  private int observers(Optional<Installation> existing) {
    return wanted.observers() == null
        ? existing.map(Installation::observers).orElse(1)
        : wanted.observers();
  }

  /** The network that the members are in, or get: as before, else what was asked for. */
  private MemberNetwork network(Optional<Installation> existing) {
    if (existing.isPresent()) {
      return existing.get().network();
    }
    if (wanted.network() != NetworkChoice.NAMESPACES) {
      return MemberNetwork.LOOPBACK;
    }
    NetworkChecks.tools();
    return FreeNetwork.choose(state);
  }

  private void makeNetwork(NetworkNamespaces namespaces) {
    namespaces.make(user);
    terminal.step("Each member has a network namespace of its own, in " + namespaces.network());
  }

  private ClusterSpec check(
      Optional<Installation> existing, String declaration, MemberNetwork network)
      throws IOException {
    int portBase = existing.map(Installation::portBase).orElse(portBase());
    ClusterSpec spec = spec(declaration, portBase, network);
    if (existing.isPresent()) {
      Checks.sameMembers(existing.get().spec(), spec);
    }
    Checks.user(user);
    Checks.programs();
    Checks.postgres(
        wanted.postgresBin(), existing.map(Installation::engine).orElse(wanted.engine()));
    Checks.java(JAVA_HOME, user);
    artefacts.requireBuilt(state);
    Checks.reachable(state, user);
    Checks.pathLength(state, spec);
    Checks.diskSpace(state);
    Checks.dataVersions(state, spec, wanted.postgresBin().toString());
    if (!new Orphans(state).find().isEmpty()) {
      throw Failure.precondition(
          "Processes of this cluster run without their supervisord.",
          "Call ./shardguard down, then up again.");
    }
    Checks.ports(new Ports(portBase), ServiceProcess.all(observers(existing)));
    if (network.equals(MemberNetwork.LOOPBACK)) {
      Checks.addresses(state, spec);
    } else {
      NetworkChecks.tools();
      NetworkChecks.kernel(user);
      NetworkChecks.addresses(state, spec, network);
    }
    return spec;
  }

  /** The declaration's text: what was named, else what the cluster runs with, else the default. */
  private String declaration(MemberNetwork network) throws IOException {
    if (wanted.clusterFile() != null) {
      spec(wanted.clusterFile(), portBase(), network);
      return Files.readString(wanted.clusterFile());
    }
    return Files.exists(state.clusterFile())
        ? Files.readString(state.clusterFile())
        : ClusterSpec.defaultYaml();
  }

  private static ClusterSpec spec(String declaration, int portBase, MemberNetwork network)
      throws IOException {
    Path file = Files.createTempFile("cluster-", ".yaml");
    try {
      return spec(Files.writeString(file, declaration), portBase, network);
    } finally {
      Files.delete(file);
    }
  }

  private static ClusterSpec spec(Path file, int portBase, MemberNetwork network) {
    try {
      return ClusterSpecReader.read(file, portBase, network);
    } catch (ClusterSpecException e) {
      throw Failure.precondition(
          e.getMessage(), "Correct the declaration and call this again; nothing was changed.");
    }
  }

  private void make(Installation installation, String declaration) throws IOException {
    OwnedFiles files = new OwnedFiles(user);
    files.directory(state.root(), "rwxr-x---");
    // First: from here on the directory is ours, whatever happens.
    files.write(state.marker(), installation.marker(), "rw-r--r--");
    for (Path directory :
        new Path[] {
          state.log(), state.run(), state.haproxy(), state.kafka(), state.members(), state.drills()
        }) {
      files.directory(directory, "rwxr-x---");
    }
    files.write(state.clusterFile(), declaration, "rw-r--r--");
    Secrets.makeMissing(state, files);
    files.write(state.properties(), ServiceProperties.render(installation), "rw-r-----");
    files.write(
        state.supervisorConfig(),
        new SupervisorConfig(installation, JAVA_HOME, user.preference()).render(),
        "rw-r-----");
    artefacts.copy(state, files);
  }
}
