package io.shardguard.cli.local;

import io.shardguard.cli.Failure;
import io.shardguard.cli.Terminal;
import io.shardguard.cli.local.Installation.RuntimeChoice;
import io.shardguard.clusterspec.ClusterSpec;
import io.shardguard.clusterspec.EngineSpec;
import io.shardguard.clusterspec.MemberNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Checks, makes and starts a cluster of containers. */
public final class DockerStart {

  /** Before it is known which one it is: nothing of it is kept. */
  private static final MemberNetwork ANY_NETWORK = MemberNetwork.of("10.0.0.0/16");

  private final ClusterStart.Wanted wanted;
  private final StateDirectory state;
  private final Artefacts artefacts;
  private final Terminal terminal;
  private final int brokers;
  private final Path certificates;
  private final RunUser user = RunUser.choose();

  /**
   * A start.
   *
   * @param brokers how many Kafka brokers a cluster gets that is made now
   * @param certificates has a directory for each engine elsewhere; null: those of before
   */
  public DockerStart(
      ClusterStart.Wanted wanted,
      int brokers,
      Path certificates,
      Artefacts artefacts,
      Terminal terminal) {
    this.certificates = certificates == null ? wanted.state().certificates() : certificates;
    this.brokers = brokers;
    this.wanted = wanted;
    this.state = wanted.state();
    this.artefacts = artefacts;
    this.terminal = terminal;
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
    DockerChecks.client();
    DockerChecks.engine();
    DockerChecks.compose();
    DockerChecks.images();
    if (existing.isPresent() && new DockerStack(existing.get()).running()) {
      return keepRunning(existing.get());
    }
    return make(existing);
  }

  private Installation make(Optional<Installation> existing) throws IOException {
    int portBase = wanted.portBase(existing);
    Optional<MemberNetwork> known = existing.map(Installation::network);
    ClusterSpec spec = declaration(portBase, known.orElse(ANY_NETWORK)).spec();
    Path socket = DockerChecks.socket();
    int socketGroup = DockerChecks.socketGroup(socket);
    DockerChecks.engines(spec, certificates, socket);
    MemberNetwork network = network(spec, known);
    Declaration declaration = declaration(portBase, network);
    if (existing.isPresent()) {
      Checks.sameMembers(existing.get().spec(), declaration.spec());
    }
    if (membersHere(spec)) {
      DockerChecks.image(EngineClient.HERE, DockerSettings.memberImage());
    }
    artefacts.requireBuilt(state);
    Checks.user(user);
    Installation installation =
        existing.orElseGet(() ->
            new Installation(
                state,
                declaration.spec().cluster(),
                portBase,
                network,
                wanted.newEngine(),
                Installation.OBSERVERS_OF_CONTAINERS,
                user.name(),
                wanted.postgresBin().toString(),
                RuntimeChoice.DOCKER,
                brokers));
    Checks.ports(installation.ports(), installation.services());
    terminal.step("Everything that is needed is there; the state directory is " + state.root());
    write(installation, declaration, socket, socketGroup);
    new DockerStack(installation).start();
    terminal.step("The containers of Kafka, HAProxy and the services are started");
    return installation;
  }

  private Declaration declaration(int portBase, MemberNetwork network) throws IOException {
    return Declaration.of(wanted, RuntimeChoice.DOCKER, portBase, network);
  }

  /** That of before, else the one that was declared, else one that is made for the cluster. */
  private MemberNetwork network(ClusterSpec spec, Optional<MemberNetwork> known) {
    Optional<MemberNetwork> declared =
        spec.network().map(name -> DockerChecks.network(spec, name, certificates));
    if (known.isPresent() && declared.isPresent() && !declared.equals(known)) {
      throw Failure.precondition(
          "The members have addresses of "
              + known.get()
              + ", and the network "
              + spec.network().get()
              + " is "
              + declared.get()
              + ".",
          "Members keep their addresses: name a network that has them.");
    }
    return known.or(() -> declared).orElseGet(() -> FreeNetwork.choose(state));
  }

  private static boolean membersHere(ClusterSpec spec) {
    return spec.engines().isEmpty() || spec.engines().stream().anyMatch(engine -> !engine.tls());
  }

  private Installation keepRunning(Installation installation) throws IOException {
    wanted.requireSameDeclaration();
    terminal.step("Cluster " + installation.cluster() + " is running already, in " + state.root());
    new DockerStack(installation).start();
    return installation;
  }

  private void requireSame(Installation existing) {
    if (!existing.docker()) {
      throw Failure.precondition(
          "The cluster in " + state.root() + " was made without --docker.",
          "Leave --docker out, or name another directory by --state.");
    }
    wanted.requireSame(existing);
  }

  private void write(
      Installation installation, Declaration declaration, Path socket, int socketGroup)
      throws IOException {
    OwnedFiles files = new OwnedFiles(user);
    files.directory(state.root(), "rwxr-x---");
    // First: from here on the directory is ours, whatever happens.
    files.write(state.marker(), installation.marker(), "rw-r--r--");
    files.directory(state.drills(), "rwxr-x---");
    files.write(state.clusterFile(), declaration.text(), "rw-r--r--");
    Secrets.makeMissing(state, files);
    writeCertificates(declaration.spec(), files);
    Object uid = Files.getAttribute(state.secrets(), "unix:uid");
    Object gid = Files.getAttribute(state.secrets(), "unix:gid");
    files.write(
        DockerStack.environment(state),
        DockerSettings.render(
            installation, uid + ":" + gid, socket, socketGroup, declaration.spec().network()),
        "rw-r-----");
    artefacts.copyForContainers(state, files);
  }

  private void writeCertificates(ClusterSpec spec, OwnedFiles files) throws IOException {
    files.directory(state.certificates(), "rwx------");
    for (EngineSpec engine : spec.engines().stream().filter(EngineSpec::tls).toList()) {
      Path own = engine.certificates(state.certificates());
      files.directory(own, "rwx------");
      for (String file : EngineSpec.CERTIFICATES) {
        String content = Files.readString(engine.certificates(certificates).resolve(file));
        files.write(own.resolve(file), content, "rw-------");
      }
    }
  }
}
