package io.shardguard.cli.local;

import io.shardguard.cli.Failure;
import io.shardguard.cli.Terminal;
import io.shardguard.cli.local.Installation.EngineChoice;
import io.shardguard.cli.local.Installation.NetworkChoice;
import io.shardguard.cli.local.Installation.RuntimeChoice;
import io.shardguard.clusterspec.ClusterSpec;
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
      Path postgresBin) {

    /** The cluster that is in the state directory. */
    public Optional<Installation> existing() {
      return Files.exists(state.marker()) ? Optional.of(state.installation()) : Optional.empty();
    }

    /** The lowest port of a cluster that is there, or is made now. */
    int portBase(Optional<Installation> existing) {
      return existing
          .map(Installation::portBase)
          .orElse(portBase == null ? Ports.DEFAULT_BASE : portBase);
    }

    /** What a cluster gets that is made now. */
    EngineChoice newEngine() {
      return engine == null ? EngineChoice.AUTO : engine;
    }

    /**
     * Nothing was asked for that the cluster, of whatever runtime, was made without.
     *
     * @throws Failure if so
     */
    void requireSame(Installation existing) {
      if (portBase != null && portBase != existing.portBase()) {
        throw Failure.precondition(
            "The cluster in "
                + state.root()
                + " was made with --port-base "
                + existing.portBase()
                + ".",
            "Leave --port-base out, or name another directory by --state.");
      }
      if (engine != null && engine != existing.engine()) {
        throw Failure.precondition(
            "The cluster in " + state.root() + " was made with --engine " + existing.engine() + ".",
            "Leave --engine out, or name another directory by --state.");
      }
    }

    /**
     * The running cluster has the declaration that was named.
     *
     * @throws Failure if it has another
     */
    void requireSameDeclaration() throws IOException {
      if (clusterFile != null
          && !Files.readString(clusterFile).equals(Files.readString(state.clusterFile()))) {
        throw Failure.precondition(
            "The cluster is running with another declaration than " + clusterFile + ".",
            "Call ./shardguard down first, then up with the new one.");
      }
    }
  }

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
    Optional<Installation> existing = wanted.existing();
    existing.ifPresent(this::requireSame);
    if (existing.isPresent() && supervisor.running()) {
      return keepRunning(existing.get());
    }
    MemberNetwork network = network(existing);
    Declaration declaration =
        Declaration.of(wanted, RuntimeChoice.LOCAL, wanted.portBase(existing), network);
    check(existing, declaration.spec(), network);
    Installation installation =
        existing
            .orElseGet(() ->
                new Installation(
                    state,
                    declaration.spec().cluster(),
                    wanted.portBase(existing),
                    network,
                    wanted.newEngine(),
                    observers(existing),
                    user.name(),
                    wanted.postgresBin().toString()))
            .watchedBy(observers(existing));
    terminal.step("Everything that is needed is there; the state directory is " + state.root());
    make(installation, declaration.text());
    NetworkNamespaces.of(installation).ifPresent(this::makeNetwork);
    supervisor.start();
    terminal.step("Kafka, HAProxy and the services are being started, as user " + user.name());
    return installation;
  }

  private Installation keepRunning(Installation installation) throws IOException {
    wanted.requireSameDeclaration();
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
    wanted.requireSame(existing);
    if (wanted.network() != null && wanted.network() != existing.networkChoice()) {
      throw Failure.precondition(
          "The cluster in "
              + state.root()
              + " was made with --network "
              + existing.networkChoice()
              + ": its members keep their addresses.",
          "Leave --network out, or name another directory by --state.");
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

  private void check(Optional<Installation> existing, ClusterSpec spec, MemberNetwork network)
      throws IOException {
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
    Checks.ports(new Ports(wanted.portBase(existing)), ServiceProcess.all(observers(existing)));
    if (network.equals(MemberNetwork.LOOPBACK)) {
      Checks.addresses(state, spec);
    } else {
      NetworkChecks.tools();
      NetworkChecks.kernel(user);
      NetworkChecks.addresses(state, spec, network);
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
