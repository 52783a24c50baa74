package io.shardguard.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.shardguard.systemtests.Stack.Run;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * failover-coordinator ends, or stands still, in the middle of a failover: whoever comes back or
 * takes over finishes the same transition, once, and nothing is lost. On Citus where it is
 * installed.
 */
class InterruptedFailoverTest {

  private static final Duration GENEROUS = Duration.ofSeconds(120);

  private static Path failpoints;
  private static Stack stack;

  @BeforeAll
  static void up() throws Exception {
    failpoints = Files.createTempDirectory("shardguard-failpoints");
    // The services run as another user, who removes the files.
    Files.setPosixFilePermissions(failpoints, PosixFilePermissions.fromString("rwxrwxrwx"));
    stack = new Stack();
    Run up = stack.up("--no-data");
    assertThat(up.exitCode()).as(up.output()).isZero();
    Files.writeString(
        stack.state().resolve("shardguard.properties"),
        "shardguard.failpoints.dir=" + failpoints + "\n",
        StandardOpenOption.APPEND);
    ProcessHandle withoutFailpoints = failoverCoordinator();
    withoutFailpoints.destroyForcibly();
    withoutFailpoints.onExit().get(GENEROUS.toSeconds(), TimeUnit.SECONDS);
  }

  @AfterAll
  static void down() throws Exception {
    stack.close();
    Files.delete(failpoints);
  }

  @ParameterizedTest(name = "killed at {0}")
  @ValueSource(
      strings = {
        "committed.transition-started",
        "done.seal",
        "committed.promotion-started",
        "done.promote",
        "committed.standby-promoted",
        "done.recover-two-phase"
      })
  void aFailoverIsFinishedByWhoeverComesBack(String failpoint) throws Exception {
    arm(failpoint, "kill");

    JsonNode report = drill();

    assertThat(failpoints.resolve(failpoint)).as("the place was reached").doesNotExist();
    assertFailedOverOnce(report);
  }

  @ParameterizedTest(name = "stopped at {0}")
  @ValueSource(strings = {"committed.promotion-started", "done.seal"})
  void anInstanceThatStoodStillDoesNoHarmWhenItWakesUp(String failpoint) throws Exception {
    arm(failpoint, "stop");
    ProcessHandle first = failoverCoordinator();
    Process second = secondInstance();
    List<ProcessHandle> both = List.of(first, second.toHandle());
    try {
      JsonNode report = drill();
      assertThat(failpoints.resolve(failpoint)).as("the place was reached").doesNotExist();
      assertFailedOverOnce(report);
      String transition = transition(report);

      ProcessHandle asleep =
          both.stream().filter(InterruptedFailoverTest::standsStill).findFirst().orElseThrow();
      signal("CONT", asleep.pid());

      Awaitility.await().atMost(GENEROUS).until(() -> stack.run("status").exitCode() == 0);
      assertThat(events(transition, "standby-promoted")).hasSize(1);
      assertThat(events(transition, "transition-completed")).hasSize(1);
    } finally {
      for (ProcessHandle each : both) {
        signal("CONT", each.pid());
      }
      second.destroyForcibly().waitFor();
    }
  }

  private static void arm(String failpoint, String order) throws IOException {
    Path file = Files.writeString(failpoints.resolve(failpoint), order);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
  }

  private static JsonNode drill() throws Exception {
    Awaitility.await().atMost(GENEROUS).until(() -> stack.run("status").exitCode() == 0);
    Run run = stack.run("drill", "worker-crash", "--json", stack.report().toString());
    assertThat(run.exitCode()).as(run.output()).isZero();
    return new ObjectMapper().readTree(stack.report().toFile());
  }

  private static void assertFailedOverOnce(JsonNode report) throws Exception {
    assertThat(report.at("/rows/acknowledged").asInt()).isPositive();
    assertThat(report.at("/rows/lost").asInt()).isZero();
    String transition = transition(report);
    assertThat(events(transition, "transition-started")).hasSize(1);
    assertThat(events(transition, "transition-completed")).hasSize(1);
    assertThat(events(transition, "standby-promoted")).hasSize(1);
  }

  /** The newest failover of group 1. */
  private static String transition(JsonNode report) throws Exception {
    return allEvents().stream()
        .filter(event -> event.path("type").asText().contains("transition-started"))
        .map(event -> event.path("data"))
        .filter(data -> data.path("group").asInt() == report.path("group").asInt())
        .filter(data -> data.path("kind").asText().equals("FAILOVER"))
        .map(data -> data.path("transition").asText())
        .reduce((earlier, later) -> later)
        .orElseThrow();
  }

  private static List<JsonNode> events(String transition, String name) throws Exception {
    return allEvents().stream()
        .filter(event -> event.path("type").asText().equals("io.shardguard." + name + ".v1"))
        .filter(event -> event.at("/data/transition").asText().equals(transition))
        .toList();
  }

  private static List<JsonNode> allEvents() throws Exception {
    ObjectMapper mapper = new ObjectMapper();
    return stack
        .run("events", "--json")
        .output()
        .lines()
        .filter(line -> line.startsWith("{"))
        .map(line -> {
          try {
            return mapper.readTree(line);
          } catch (IOException e) {
            throw new UncheckedIOException(line, e);
          }
        })
        .toList();
  }

  private static ProcessHandle failoverCoordinator() {
    String program = program().toString();
    List<ProcessHandle> found =
        ProcessHandle.allProcesses()
            .filter(p -> p.info().commandLine().orElse("").contains("-jar " + program))
            .toList();
    assertThat(found).hasSize(1);
    return found.getFirst();
  }

  private static Path program() {
    return stack.state().resolve("app/failover-coordinator/quarkus-run.jar");
  }

  /** A second instance beside the supervised one, ready to take over. */
  private static Process secondInstance() throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx64m",
            "-jar",
            program().toString());
    int port = stack.portBase() + 39;
    builder.environment().put("QUARKUS_HTTP_PORT", Integer.toString(port));
    Path properties = stack.state().resolve("shardguard.properties");
    builder.environment().put("SMALLRYE_CONFIG_LOCATIONS", properties.toString());
    Path log = stack.state().resolve("log/second-failover-coordinator.log");
    Process process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    Awaitility.await().atMost(GENEROUS).until(() -> Files.readString(log).contains("assigned ["));
    return process;
  }

  private static boolean standsStill(ProcessHandle process) {
    try {
      String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
      return stat.substring(stat.lastIndexOf(')') + 2).startsWith("T");
    } catch (IOException gone) {
      return false;
    }
  }

  private static void signal(String name, long pid) throws Exception {
    new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start().waitFor();
  }
}
