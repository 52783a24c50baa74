package io.shardguard.cli.local;

import io.shardguard.cli.Failure;
import io.shardguard.cli.Terminal;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** Takes a cluster down, with the services' help or without it. */
public final class ClusterStop {

  private static final Duration MEMBERS = Duration.ofSeconds(120);

  private final Installation installation;
  private final StateDirectory state;
  private final RunUser user = RunUser.choose();
  private final Supervisor supervisor;
  private final Terminal terminal;

  public ClusterStop(Installation installation, Terminal terminal) {
    this.installation = installation;
    this.state = installation.state();
    this.supervisor = new Supervisor(state, user);
    this.terminal = terminal;
  }

  /**
   * Stops members, services, HAProxy and Kafka; what is stopped already is passed over.
   *
   * @throws Failure if something does not stop
   */
  public void stop() {
    if (installation.docker()) {
      new DockerStop(installation, terminal).stop();
      return;
    }
    boolean services = supervisor.running();
    if (services) {
      // First: a member that is stopped on purpose is no reason for a failover.
      supervisor.stop(Service.FAILOVER_COORDINATOR);
      terminal.step("No failover is decided any more");
    }
    if (services && !membersByProvisioner()) {
      terminal.step(
          "The provisioner does not answer: its services are stopped first, then the members");
    }
    if (services) {
      supervisor.shutdown();
      terminal.step("Services, HAProxy and Kafka are stopped");
    }
    new Orphans(state).end();
    List<String> left = runningMembers();
    left.forEach(member -> {
      new MemberProcess(state, member).stop(user, installation.postgresBin());
      terminal.step(member + " is stopped");
    });
    NetworkNamespaces.of(installation).ifPresent(NetworkNamespaces::remove);
    terminal.step(
        services || !left.isEmpty()
            ? "Cluster " + installation.cluster() + " is down; its data are in " + state.root()
            : "Cluster " + installation.cluster() + " was not running");
  }

  /**
   * Removes the state directory, the marker last: a removal that was interrupted can be repeated.
   */
  public void remove() throws IOException {
    if (!Files.exists(state.marker())) {
      throw Failure.precondition(
          state.root() + " is not a cluster's state directory.",
          "Remove it by hand if it is not needed.");
    }
    if (installation.docker()) {
      new DockerStop(installation, terminal).removeData();
    }
    try (Stream<Path> entries = Files.list(state.root())) {
      for (Path entry :
          (Iterable<Path>) entries.filter(path -> !path.equals(state.marker()))::iterator) {
        removeTree(entry);
      }
    }
    Files.delete(state.marker());
    try {
      Files.delete(state.root());
    } catch (IOException e) {
      // The directory above may belong to somebody else; empty is enough.
      terminal.step(state.root() + " is left empty");
    }
    terminal.step("Cluster " + installation.cluster() + " and its data are removed");
  }

  private boolean membersByProvisioner() {
    try {
      terminal.step("Stopping the members");
      HttpResponse<String> answer =
          new Health()
              .call(
                  installation.ports().http(Service.PROVISIONER), "POST", "/cluster/stop", MEMBERS);
      return answer.statusCode() / 100 == 2;
    } catch (IOException e) {
      return false;
    }
  }

  private List<String> runningMembers() {
    if (!Files.isDirectory(state.members())) {
      return List.of();
    }
    try (Stream<Path> members = Files.list(state.members())) {
      return members
          .map(path -> path.getFileName().toString())
          .filter(member -> new MemberProcess(state, member).running().isPresent())
          .sorted()
          .toList();
    } catch (IOException e) {
      throw Failure.precondition(
          state.members() + " cannot be read (" + e.getMessage() + ").",
          "Run this as the user who made the cluster, or as root.");
    }
  }

  private static void removeTree(Path tree) throws IOException {
    Files.walkFileTree(
        tree,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, IOException failure)
              throws IOException {
            Files.delete(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
