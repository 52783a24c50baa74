package io.shardguard.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.shardguard.systemtests.Stack.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * failover-coordinator ends, or stands still, in the middle of a failover, or another part dies:
 * whoever comes back or takes over finishes the same transition, once, and nothing is lost. On
 * Citus where it is installed.
 */
class InterruptedFailoverTest {

  private static final Duration GENEROUS = Duration.ofSeconds(120);

  private static final long LOOK_MILLIS = 20;

  /** Of a failover, in their order. */
  private static final List<String> STEPS =
      List.of(
          "committed.transition-started",
          "done.seal",
          "done.promote",
          "committed.standby-promoted",
          "committed.metadata-updated",
          "committed.two-phase-recovered");

  private static Path failpoints;
  private static Stack stack;

  @BeforeAll
  static void up() throws Exception {
    failpoints = Files.createTempDirectory("shardguard-failpoints");
    // The services run as another user, who removes the files.
    Files.setPosixFilePermissions(failpoints, PosixFilePermissions.fromString("rwxrwxrwx"));
    stack = new Stack();
    Run up =
        stack.up(
            "--no-data",
            "--timeout",
            "400",
            "--cluster-file",
            stack.clusterFile(Stack.THREE_GROUPS));
    assertThat(up.exitCode()).as(up.output()).isZero();
    Files.writeString(
        stack.state().resolve("shardguard.properties"),
        "shardguard.failpoints.dir=" + failpoints + "\n",
        StandardOpenOption.APPEND);
    Part.FAILOVER_COORDINATOR.kill(stack);
  }

  @BeforeEach
  void everyPartIsThere() throws Exception {
    stack.awaitWhole();
  }

  /** What a failed case left armed or stopped is no business of the next one. */
  @AfterEach
  void nothingIsLeftArmedOrStopped() throws Exception {
    try (Stream<Path> armed = Files.list(failpoints)) {
      for (Path each : armed.toList()) {
        Files.deleteIfExists(each);
      }
    }
    for (ProcessHandle each : Part.FAILOVER_COORDINATOR.processes(stack)) {
      Signals.go(each);
    }
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

    JsonNode report = stack.drill("worker-crash");

    assertThat(failpoints.resolve(failpoint)).as("the place was reached").doesNotExist();
    assertOnce(report);
  }

  @ParameterizedTest(name = "stopped at {0}")
  @ValueSource(strings = {"committed.promotion-started", "done.seal"})
  void anInstanceThatStoodStillDoesNoHarmWhenItWakesUp(String failpoint) throws Exception {
    ProcessHandle first = Part.FAILOVER_COORDINATOR.process(stack);
    Process second = secondInstance();
    arm(failpoint, "stop");
    List<ProcessHandle> both = List.of(first, second.toHandle());
    try {
      JsonNode report = stack.drill("worker-crash");
      assertThat(failpoints.resolve(failpoint)).as("the place was reached").doesNotExist();
      assertOnce(report);

      Signals.go(both.stream().filter(Signals::standsStill).findFirst().orElseThrow());

      stack.awaitWhole();
      assertOnce(report);
    } finally {
      second.destroyForcibly().waitFor();
    }
  }

  /** failover-coordinator stands still at each step, so that the other part dies at that step. */
  @ParameterizedTest(name = "{0} killed at every step")
  @EnumSource(
      value = Part.class,
      names = {"KAFKA", "PROVISIONER", "HEALTH_MONITOR", "LB_CONFIGURATOR"})
  void aFailoverIsFinishedOnceThoughAnotherPartDiesAtEveryStep(Part part) throws Exception {
    for (String step : STEPS) {
      arm(step, "stop");
    }
    AtomicBoolean over = new AtomicBoolean();
    try (ExecutorService hand = Executors.newSingleThreadExecutor()) {
      Future<Integer> deaths = hand.submit(() -> killWhereverItStops(part, over));
      JsonNode report;
      try {
        report =
            stack.drill(
                "worker-crash", "--timeout", Long.toString(STEPS.size() * GENEROUS.toSeconds()));
      } finally {
        over.set(true);
      }
      assertThat(STEPS).as("every step was reached").noneMatch(InterruptedFailoverTest::isArmed);
      // Two steps that come together are passed at one stop.
      assertThat(deaths.get()).as("deaths of %s", part).isBetween(2, STEPS.size());
      assertOnce(report);
    }
  }

  private static int killWhereverItStops(Part part, AtomicBoolean over) throws Exception {
    ProcessHandle stopping = Part.FAILOVER_COORDINATOR.process(stack);
    int deaths = 0;
    while (!over.get()) {
      if (!stopping.isAlive()) { // it ends itself if it stood still for so long that it was fenced
        stopping = Part.FAILOVER_COORDINATOR.processes(stack).stream().findFirst().orElse(stopping);
      } else if (Signals.standsStill(stopping)) {
        Awaitility.await().atMost(GENEROUS).until(() -> part.isReady(stack));
        part.kill(stack);
        deaths++;
        Signals.go(stopping);
      }
      Thread.sleep(LOOK_MILLIS);
    }
    return deaths;
  }

  private static void arm(String failpoint, String order) throws IOException {
    Path file = Files.writeString(failpoints.resolve(failpoint), order);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
  }

  private static boolean isArmed(String failpoint) {
    return Files.exists(failpoints.resolve(failpoint));
  }

  /** The drill's group had one transition, which was begun, made and completed once. */
  private static void assertOnce(JsonNode report) throws Exception {
    EventLog log = EventLog.of(stack).since(Instant.parse(report.path("injectedAt").asText()));
    List<String> transitions = log.transitions(report.path("group").asInt());
    assertThat(transitions).hasSize(1);
    for (String once : List.of("transition-started", "standby-promoted", "transition-completed")) {
      assertThat(log.of(transitions.getFirst(), once)).as(once).hasSize(1);
    }
  }

  /** A second instance beside the supervised one, ready to take over. */
  private static Process secondInstance() throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx64m",
            "-jar",
            Part.FAILOVER_COORDINATOR.program(stack).toString());
    int port = stack.portBase() + 39;
    builder.environment().put("QUARKUS_HTTP_PORT", Integer.toString(port));
    Path properties = stack.state().resolve("shardguard.properties");
    builder.environment().put("SMALLRYE_CONFIG_LOCATIONS", properties.toString());
    Path log = stack.state().resolve("log/second-failover-coordinator.log");
    Process process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    Awaitility.await().atMost(GENEROUS).until(() -> Files.readString(log).contains("assigned ["));
    return process;
  }
}
