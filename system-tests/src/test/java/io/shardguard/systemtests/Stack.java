package io.shardguard.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.Reader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** One cluster of this test's own, handled by the command line as a person handles it. */
final class Stack implements AutoCloseable {

  /** A declaration of three groups of two. */
  static final String THREE_GROUPS =
      """
      cluster: demo
      groups:
        - {group: 0, members: [coordinator-a, coordinator-b]}
        - {group: 1, members: [worker-1a, worker-1b]}
        - {group: 2, members: [worker-2a, worker-2b]}
      """;

  private static final int LIMIT_MINUTES = 10;
  private static final int NOTHING_DONE = 3;

  /** A member may have to be copied anew. */
  private static final Duration HEALING = Duration.ofMinutes(4);

  private static final Path HOME = Path.of("..").toAbsolutePath().normalize();

  static {
    // Most looks cost a process: on a busy machine they would be the business.
    Awaitility.setDefaultPollInterval(Duration.ofMillis(500));
  }

  private final Path directory;
  private final int portBase = freePortBase();

  Stack() throws IOException {
    // The servers run as another user, who must be able to reach the directory.
    directory = Files.createTempDirectory("shardguard-stack");
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** What a command printed, and how it ended. */
  record Run(int exitCode, String output) {

    JsonNode json() {
      try {
        return new ObjectMapper().readTree(output.substring(output.indexOf('{')));
      } catch (IOException e) {
        throw new IllegalStateException("not JSON: " + output, e);
      }
    }
  }

  Path state() {
    return directory.resolve("state");
  }

  Path report() {
    return directory.resolve("report.json");
  }

  int portBase() {
    return portBase;
  }

  /** Writes a declaration, for {@code --cluster-file}. */
  String clusterFile(String declaration) throws IOException {
    return Files.writeString(directory.resolve("cluster.yaml"), declaration).toString();
  }

  /** What the names of all its containers, volumes and networks begin with. */
  String containerPrefix() throws IOException {
    return Files.readAllLines(state().resolve("compose.env")).stream()
        .filter(line -> line.startsWith("SHARDGUARD_PREFIX="))
        .map(line -> line.substring(line.indexOf('=') + 1))
        .findFirst()
        .orElseThrow();
  }

  /** Where its Kafka takes connections. */
  String kafka() {
    return "127.0.0.1:" + (portBase + 20);
  }

  Run up(String... options) throws IOException, InterruptedException {
    List<String> arguments =
        new ArrayList<>(List.of("up", "--port-base", Integer.toString(portBase)));
    arguments.addAll(List.of(options));
    return run(arguments);
  }

  Run run(String... arguments) throws IOException, InterruptedException {
    return run(List.of(arguments));
  }

  /** The command line's exit code and output; the output is shown as well. */
  private Run run(List<String> arguments) throws IOException, InterruptedException {
    long began = System.nanoTime();
    Run result = ended(arguments);
    System.out.printf(
        "shardguard %s (%d ms)%n%s%n",
        String.join(" ", arguments), (System.nanoTime() - began) / 1_000_000, result.output());
    return result;
  }

  /** The same, not shown: for what is asked again and again, or is long. */
  Run quietly(String... arguments) throws IOException, InterruptedException {
    return ended(List.of(arguments));
  }

  private Run ended(List<String> arguments) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                // As the script ./shardguard: a command compiled thoroughly takes twice the CPU.
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dshardguard.home=" + HOME,
                "-cp",
                HOME.resolve("cli/target/cli.jar") + ":" + HOME.resolve("cli/target/lib") + "/*",
                "io.shardguard.cli.Main"));
    command.addAll(arguments);
    Path log = Files.createTempFile(directory, "run", ".log");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().put("SHARDGUARD_STATE", state().toString());
    builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
    Process process = builder.start();
    if (!process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES)) {
      process.destroyForcibly().waitFor();
      throw new IllegalStateException(arguments + " did not end:\n" + Files.readString(log));
    }
    Run result = new Run(process.exitValue(), Files.readString(log));
    Files.delete(log);
    return result;
  }

  /**
   * What a statement answers an application, through HAProxy: the first column, row by row. From
   * this process: the command line is a JVM of its own, and psql besides.
   *
   * @throws SQLException if it fails
   */
  List<String> asApp(String statement) throws SQLException, IOException {
    Properties login = new Properties();
    login.setProperty("user", "app");
    login.setProperty("password", secret("app"));
    login.setProperty("loginTimeout", "10");
    login.setProperty("socketTimeout", Long.toString(HEALING.toSeconds()));
    String url = "jdbc:postgresql://127.0.0.1:" + portBase + "/citus";
    List<String> answer = new ArrayList<>();
    try (Connection session = DriverManager.getConnection(url, login);
        Statement asked = session.createStatement()) {
      if (asked.execute(statement)) {
        for (ResultSet rows = asked.getResultSet(); rows.next(); ) {
          answer.add(rows.getString(1));
        }
      }
    }
    return answer;
  }

  /** Waits until everything is as it should be. */
  void awaitWhole() throws Exception {
    try {
      Awaitility.await().atMost(HEALING).until(this::isWhole);
    } catch (ConditionTimeoutException e) {
      throw new AssertionError("not whole:\n" + quietly("status").output(), e);
    }
  }

  /** What a drill reports that lost nothing, on a cluster that is whole. */
  JsonNode drill(String name, String... options) throws Exception {
    List<String> arguments =
        new ArrayList<>(List.of("drill", name, "--seconds-before", "2", "--seconds-after", "2"));
    arguments.addAll(List.of("--json", report().toString()));
    arguments.addAll(List.of(options));
    long giveUpAt = System.nanoTime() + HEALING.toNanos();
    Run run = run(arguments);
    while (run.exitCode() == NOTHING_DONE && System.nanoTime() < giveUpAt) {
      // On a busy machine it may not be whole any more when the drill looks.
      awaitWhole();
      run = run(arguments);
    }
    assertThat(run.exitCode()).as(run.output()).isZero();
    JsonNode found = new ObjectMapper().readTree(report().toFile());
    assertThat(found.at("/rows/acknowledged").asInt()).isPositive();
    assertThat(found.at("/rows/lost").asInt()).isZero();
    return found;
  }

  /** Everything is as it should be. */
  private boolean isWhole() throws Exception {
    return GroupNow.allWhole(this) && quietly("status").exitCode() == 0;
  }

  /** The processes that work in the state directory: members. */
  List<Long> memberProcesses() {
    return processesIn(state());
  }

  /** The processes that work in this directory. */
  List<Long> processesIn(Path place) {
    return ProcessHandle.allProcesses()
        .map(ProcessHandle::pid)
        .filter(pid -> worksIn(place, pid))
        .toList();
  }

  /** The processes of a service of the control plane; it is one unless it is just restarting. */
  List<ProcessHandle> serviceProcesses(String service) {
    String program = state().resolve("app").resolve(service).resolve("quarkus-run.jar").toString();
    return ProcessHandle.allProcesses()
        .filter(process -> process.info().commandLine().orElse("").contains("-jar " + program))
        .toList();
  }

  /** What the services were started with. */
  Properties properties() throws IOException {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(state().resolve("shardguard.properties"))) {
      properties.load(reader);
    }
    return properties;
  }

  /** The password of a database role. */
  String secret(String role) throws IOException {
    return Files.readString(state().resolve("secrets").resolve(role + ".password")).strip();
  }

  /** Kills all that belongs to the cluster at once, as the end of the machine would. */
  void killEverything() throws Exception {
    List<ProcessHandle> all =
        ProcessHandle.allProcesses()
            .filter(process -> worksIn(state(), process.pid()) || isStartedForState(process))
            .toList();
    all.forEach(ProcessHandle::destroyForcibly);
    for (ProcessHandle process : all) {
      process.onExit().get(LIMIT_MINUTES, TimeUnit.MINUTES);
    }
  }

  /** Who starts others comes first. The servers themselves clear away what they share in memory. */
  private void endAtOnce() throws Exception {
    List<ProcessHandle> parts =
        ProcessHandle.allProcesses()
            .filter(process -> isStartedForState(process) && !worksIn(members(), process.pid()))
            .sorted(Comparator.comparing(process -> !isSupervisor(process)))
            .toList();
    for (ProcessHandle part : parts) {
      part.destroyForcibly();
      part.onExit().get(LIMIT_MINUTES, TimeUnit.MINUTES);
    }
    for (ProcessHandle server : servers()) {
      Signals.go(server);
      Signals.endAtOnce(server);
    }
  }

  /** The members' postmasters; none where they are containers. */
  private List<ProcessHandle> servers() {
    return memberProcesses().stream()
        .flatMap(pid -> ProcessHandle.of(pid).stream())
        .filter(process -> isStartedForState(process) && worksIn(members(), process.pid()))
        .toList();
  }

  private Path members() {
    return state().resolve("members");
  }

  private static boolean isSupervisor(ProcessHandle process) {
    return process.info().commandLine().orElse("").contains("supervisord");
  }

  private boolean isStartedForState(ProcessHandle process) {
    return process.info().commandLine().orElse("").contains(state() + "/");
  }

  private static boolean worksIn(Path place, long pid) {
    try {
      return Files.readSymbolicLink(Path.of("/proc", Long.toString(pid), "cwd")).startsWith(place);
    } catch (IOException e) {
      return false; // it ended, or is somebody else's
    }
  }

  /** What is left of the cluster. Nobody looks at it any more, so nothing need end in order. */
  @Override
  public void close() throws Exception {
    if (Files.exists(state())) {
      endAtOnce();
      run("destroy", "--yes");
    }
    try (Stream<Path> left = Files.walk(directory)) {
      for (Path path : left.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  /** Each process of the tests has a range of its own: what is free is not taken at once. */
  private static int freePortBase() {
    int lowest = 13_400 + 4_000 * Integer.getInteger("surefire.fork", 1);
    return IntStream.iterate(lowest, base -> base + 100)
        .limit(40)
        .filter(base -> IntStream.range(base, base + 40).allMatch(Stack::isFree))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no forty free ports in a row"));
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getByName("0.0.0.0"), port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
