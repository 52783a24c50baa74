package io.shardguard.cli.local;

import io.shardguard.cli.Failure;
import io.shardguard.cli.local.Supervisor.Program;
import io.shardguard.clusterspec.MemberNetwork;
import io.shardguard.events.MemberAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A cluster's containers, through the client {@code docker}: those of its compose file, and those
 * of its members, which the provisioner makes. All names begin with the state directory's identity.
 */
public final class DockerStack implements Parts {

  private static final Duration CALL = Duration.ofSeconds(60);
  private static final Duration START = Duration.ofMinutes(10);
  private static final Duration STOP = Duration.ofMinutes(5);

  /** Gone already, or being removed by somebody else. */
  private static final String GONE = "(?s).*(No such|already in progress).*";

  private final Installation installation;
  private final StateDirectory state;
  private final String prefix;

  public DockerStack(Installation installation) {
    this.installation = installation;
    this.state = installation.state();
    this.prefix = NetworkNamespaces.id(state);
  }

  /** The name of the compose project and of the network; every container's name begins with it. */
  public String prefix() {
    return prefix;
  }

  /** The name of a member's container. */
  public String container(String member) {
    return prefix + "-" + member;
  }

  /** The part of the members' network from which everybody else gets an address. */
  static String servicesNetwork(MemberNetwork network) {
    return network.prefix() + ".0.0/21";
  }

  /** The variables of the compose file. */
  static Path environment(StateDirectory state) {
    return state.root().resolve("compose.env");
  }

  static Path composeFile(StateDirectory state) {
    return state.app().resolve("compose.yaml");
  }

  /** What is added to the compose file for three brokers. */
  static Path threeBrokers(StateDirectory state) {
    return state.app().resolve("compose.three-brokers.yaml");
  }

  /** The names of Kafka's brokers, in the compose file and in its network. */
  static Stream<String> brokers(Installation installation) {
    return IntStream.rangeClosed(1, installation.brokers())
        .mapToObj(broker -> broker == 1 ? "kafka" : "kafka-" + broker);
  }

  @Override
  public boolean running() {
    Command.Result found = docker(CALL, "ps", "-q", "--filter", project());
    return found.ok() && !found.output().isBlank();
  }

  @Override
  public List<Program> programs() {
    Command.Result found =
        docker(
            CALL,
            "ps",
            "-a",
            "--filter",
            project(),
            "--format",
            "{{.Label \"com.docker.compose.service\"}}\t{{.State}}\t{{.Status}}");
    return found.ok()
        ? found.output().lines().map(line -> line.split("\t", 3)).map(DockerStack::program).toList()
        : List.of();
  }

  private static Program program(String[] words) {
    return new Program(
        words[0], words[1].toUpperCase(Locale.ROOT), words.length == 3 ? words[2] : "");
  }

  @Override
  public Optional<Long> pid(String program) {
    String container = program.startsWith(prefix) ? program : prefix + "-" + program + "-1";
    Command.Result found = docker(CALL, "inspect", "-f", "{{.State.Pid}}", container);
    return found.ok() && found.output().matches("[1-9]\\d*")
        ? Optional.of(Long.parseLong(found.output()))
        : Optional.empty();
  }

  /** Starts what of the compose file does not run. */
  void start() {
    must(START, compose("up", "-d", "--remove-orphans"));
  }

  /** Stops services, and waits for their end; the others go on. */
  void stop(List<String> services) {
    List<String> command = compose("stop", "-t", "10");
    command.addAll(services);
    must(STOP, command);
  }

  /** Ends and removes every container and the network. Volumes stay. */
  void removeContainers() {
    must(STOP, compose("stop", "-t", "20"));
    removeMembers();
    must(STOP, compose("down", "-t", "20"));
  }

  private void removeMembers() {
    List<String> members =
        docker(CALL, "ps", "-aq", "--filter", "label=io.shardguard.prefix=" + prefix)
            .output()
            .lines()
            .toList();
    if (!members.isEmpty()) {
      remove("rm", members);
    }
  }

  /** Removes every volume: all data. Only when no container is left. */
  void removeVolumes() {
    must(STOP, compose("down", "-v", "-t", "20"));
    List<String> volumes =
        docker(CALL, "volume", "ls", "-q", "--filter", "label=io.shardguard.prefix=" + prefix)
            .output()
            .lines()
            .toList();
    if (!volumes.isEmpty()) {
      remove("volume rm", volumes);
    }
  }

  private void remove(String what, List<String> names) {
    List<String> command = new ArrayList<>(List.of("docker"));
    command.addAll(List.of(what.split(" ")));
    command.add("-f");
    command.addAll(names);
    Command.Result result = Command.run(STOP, command);
    if (!result.ok() && !result.output().matches(GONE)) {
      throw failure(command, result);
    }
  }

  /** Runs a program in a running container. */
  public Command.Result inside(String container, List<String> command) {
    List<String> whole = new ArrayList<>(List.of("docker", "exec", container));
    whole.addAll(command);
    return Command.run(CALL, whole);
  }

  /** psql of a member that runs, on HAProxy's write port in the members' network. */
  List<String> psql(List<String> login) {
    String lender =
        installation
            .spec()
            .members()
            .map(MemberAddress::name)
            .filter(member -> pid(container(member)).isPresent())
            .findFirst()
            .orElseThrow(() ->
                Failure.precondition(
                    "psql is not installed, and no member runs that could lend its own.",
                    "Install psql, or look at ./shardguard status."));
    List<String> command = new ArrayList<>(List.of("docker", "exec", "-i"));
    if (System.console() != null) {
      command.add("-t");
    }
    command.addAll(
        List.of(container(lender), installation.postgresBin() + "/psql", "-h", "haproxy"));
    command.addAll(List.of("-p", Integer.toString(Ports.DEFAULT_BASE)));
    command.addAll(login);
    return command;
  }

  /** Gives an order to the engine. */
  public Command.Result docker(Duration bound, String... words) {
    List<String> command = new ArrayList<>(List.of("docker"));
    command.addAll(List.of(words));
    return Command.run(bound, command);
  }

  /** The command that shows what a part, or all of the compose file, wrote. */
  public List<String> logs(Optional<String> part, int lines, boolean follow) {
    boolean member =
        part.isPresent()
            && installation.spec().members().anyMatch(each -> each.name().equals(part.get()));
    List<String> command =
        member ? new ArrayList<>(List.of("docker", "logs")) : compose("logs", "--no-color");
    command.addAll(List.of("--tail", Integer.toString(lines)));
    if (follow) {
      command.add("--follow");
    }
    part.ifPresent(name -> command.add(member ? container(name) : name));
    return command;
  }

  private List<String> compose(String... words) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "docker",
                "compose",
                "--project-name",
                prefix,
                "--file",
                composeFile(state).toString(),
                "--env-file",
                environment(state).toString()));
    if (installation.brokers() > 1) {
      command.addAll(List.of("--file", threeBrokers(state).toString()));
    }
    command.addAll(List.of(words));
    return command;
  }

  private String project() {
    return "label=com.docker.compose.project=" + prefix;
  }

  private static void must(Duration bound, List<String> command) {
    Command.Result result = Command.run(bound, command);
    if (!result.ok()) {
      throw failure(command, result);
    }
  }

  private static Failure failure(List<String> command, Command.Result result) {
    return Failure.failed(
        String.join(" ", command) + " failed:\n" + result.output(),
        "Look at docker ps and ./shardguard logs.");
  }
}
