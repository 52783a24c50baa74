package io.shardguard.cli.local;

import io.shardguard.cli.Failure;
import io.shardguard.cli.local.Supervisor.Program;
import io.shardguard.clusterspec.ClusterSpec;
import io.shardguard.clusterspec.MemberNetwork;
import io.shardguard.events.MemberAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A cluster's containers, through the client {@code docker}: those of its compose file, on this
 * machine's engine, and those of its members, which the provisioner makes on the declared ones. All
 * names begin with the state directory's identity.
 */
public final class DockerStack implements Parts {

  private static final Duration CALL = Duration.ofSeconds(60);
  private static final Duration START = Duration.ofMinutes(10);
  private static final Duration STOP = Duration.ofMinutes(5);

  private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

  /** Gone already, or being removed by somebody else. */
  private static final String GONE = "(?s).*(No such|already in progress).*";

  private final Installation installation;
  private final StateDirectory state;
  private final String prefix;
  private ClusterSpec spec;

  public DockerStack(Installation installation) {
    this.installation = installation;
    this.state = installation.state();
    this.prefix = NetworkNamespaces.id(state);
  }

  /** The name of the compose project; every container's name begins with it. */
  public String prefix() {
    return prefix;
  }

  /** The network that the members are in. */
  public String network() {
    return spec().network().orElse(prefix);
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

  /** What is added to the compose file for a network that is there already. */
  static Path declaredNetwork(StateDirectory state) {
    return state.app().resolve("compose.network.yaml");
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
    return pid(EngineClient.HERE, prefix + "-" + program + "-1");
  }

  /**
   * The process id of a member's postmaster, as the machine of its engine sees it; empty if it does
   * not run.
   */
  public Optional<Long> memberPid(String member) {
    return pid(engine(member), container(member));
  }

  private static Optional<Long> pid(EngineClient engine, String container) {
    Command.Result found = engine.call(CALL, "inspect", "-f", "{{.State.Pid}}", container);
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

  /**
   * Ends and removes every container and the network. Volumes stay.
   *
   * @throws Failure if an engine cannot be reached: all others are done then
   */
  void removeContainers() {
    must(STOP, compose("stop", "-t", "20"));
    onEveryEngine(List.of("ps", "-aq"), List.of("rm", "-f"));
    must(STOP, compose("down", "-t", "20"));
  }

  /**
   * Removes every volume: all data. Only when no container is left.
   *
   * @throws Failure if an engine cannot be reached: all others are done then
   */
  void removeVolumes() {
    must(STOP, compose("down", "-v", "-t", "20"));
    onEveryEngine(List.of("volume", "ls", "-q"), List.of("volume", "rm", "-f"));
  }

  private void onEveryEngine(List<String> list, List<String> remove) {
    List<String> failures = new ArrayList<>();
    for (EngineClient engine : engines()) {
      List<String> words = new ArrayList<>(list);
      words.addAll(List.of("--filter", "label=io.shardguard.prefix=" + prefix));
      Command.Result found = Command.run(CALL, engine.command(words));
      if (!found.ok()) {
        failures.add("the Docker engine " + engine.name() + " does not answer: " + found.output());
      } else if (!found.output().isBlank()) {
        List<String> command = new ArrayList<>(remove);
        command.addAll(found.output().lines().toList());
        Command.Result removed = Command.run(STOP, engine.command(command));
        if (!removed.ok() && !removed.output().matches(GONE)) {
          failures.add("the Docker engine " + engine.name() + ": " + removed.output());
        }
      }
    }
    if (!failures.isEmpty()) {
      throw Failure.failed(
          "Not everything of the members could be removed: " + String.join("; ", failures),
          "Everything else is done. Call this again when that is mended.");
    }
  }

  /** Read once: where each member is does not change while a command runs. */
  private synchronized ClusterSpec spec() {
    if (spec == null) {
      spec = installation.spec();
    }
    return spec;
  }

  private List<EngineClient> engines() {
    List<EngineClient> declared =
        spec().engines().stream()
            .map(engine -> EngineClient.of(engine, state.certificates()))
            .toList();
    return declared.isEmpty() ? List.of(EngineClient.HERE) : declared;
  }

  private EngineClient engine(String member) {
    return spec()
        .engineOf(member)
        .map(engine -> EngineClient.of(engine, state.certificates()))
        .orElse(EngineClient.HERE);
  }

  /** Whether a running member's processes are this machine's, by the kernel that they run on. */
  boolean onThisMachine(String member) {
    if (!engine(member).remote()) {
      return true;
    }
    try {
      return inside(member, List.of("cat", BOOT_ID.toString()))
          .output()
          .strip()
          .equals(Files.readString(BOOT_ID).strip());
    } catch (IOException e) {
      return false;
    }
  }

  /** Runs a program in a running member. */
  public Command.Result inside(String member, List<String> command) {
    List<String> words = new ArrayList<>(List.of("exec", container(member)));
    words.addAll(command);
    return Command.run(CALL, engine(member).command(words));
  }

  /** psql of a member that runs, on HAProxy's write port in the members' network. */
  List<String> psql(List<String> login) {
    String lender =
        spec()
            .members()
            .map(MemberAddress::name)
            .filter(member -> memberPid(member).isPresent())
            .findFirst()
            .orElseThrow(() ->
                Failure.precondition(
                    "psql is not installed, and no member runs that could lend its own.",
                    "Install psql, or look at ./shardguard status."));
    List<String> words = new ArrayList<>(List.of("exec", "-i"));
    if (System.console() != null) {
      words.add("-t");
    }
    words.addAll(List.of(container(lender), installation.postgresBin() + "/psql", "-h", "haproxy"));
    words.addAll(List.of("-p", Integer.toString(Ports.DEFAULT_BASE)));
    words.addAll(login);
    return engine(lender).command(words);
  }

  /** Gives an order to the engine of a member. */
  public Command.Result docker(String member, Duration bound, String... words) {
    return engine(member).call(bound, words);
  }

  private static Command.Result docker(Duration bound, String... words) {
    return EngineClient.HERE.call(bound, words);
  }

  /** The command that shows what a part, or all of the compose file, wrote. */
  public List<String> logs(Optional<String> part, int lines, boolean follow) {
    boolean member =
        part.isPresent() && spec().members().anyMatch(each -> each.name().equals(part.get()));
    List<String> command =
        member ? engine(part.get()).command(List.of("logs")) : compose("logs", "--no-color");
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
    if (spec().network().isPresent()) {
      command.addAll(List.of("--file", declaredNetwork(state).toString()));
    }
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
