package io.shardguard.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.shardguard.systemtests.Stack.Run;
import io.shardguard.testkit.Command;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/** The life of a cluster of containers: one story, since each chapter needs the one before. */
@Tag("docker")
@EnabledIfEnvironmentVariable(
    named = "SHARDGUARD_TEST_DOCKER",
    matches = ".+",
    disabledReason = "NOT RUN on containers: ./shardguard test --docker does")
class ContainersTest {

  /** Set to the command that restarts the engine, where that is nobody else's. */
  private static final String RESTART = "SHARDGUARD_TEST_DOCKER_RESTART";

  private static final int ROWS = 3_000;
  private static final int NOTHING_DONE = 3;
  private static final String PATIENCE = "420";
  private static final Duration HEALING = Duration.ofMinutes(4);

  @Test
  void aClusterOfContainersSurvivesItsFaultsKeepsItsDataAndGoesWithoutATrace() throws Exception {
    try (Stack stack = new Stack()) {
      comesUp(stack);
      changesNothingWhenItIsUp(stack);
      assertThat(drill(stack, "worker-crash").at("/newPrimary").asText()).isNotEmpty();
      assertThat(drill(stack, "coordinator-crash").at("/newPrimary").asText()).isNotEmpty();
      assertThat(drill(stack, "worker-hang").at("/newPrimary").asText()).isNotEmpty();
      drill(stack, "standby-crash");
      cutOff(stack);
      keepsItsDataOverARestartOfTheEngine(stack);
      keepsItsDataOverDownAndUp(stack);
      goesWithoutATrace(stack);
    }
  }

  private static void comesUp(Stack stack) throws Exception {
    Run up =
        stack.up(
            "--docker", "--rows", Integer.toString(ROWS), "--regions", "25", "--timeout", PATIENCE);
    assertThat(up.exitCode()).as(up.output()).isZero();
    assertThat(rows(stack)).isEqualTo(ROWS);
  }

  private static void changesNothingWhenItIsUp(Stack stack) throws Exception {
    List<String> before = containers(stack);
    assertThat(stack.up("--no-data").exitCode()).isZero();
    assertThat(containers(stack)).containsExactlyInAnyOrderElementsOf(before);
  }

  /** From everybody, by packet filters in its network: only root may. */
  private static void cutOff(Stack stack) throws Exception {
    if (!"root".equals(System.getProperty("user.name"))) {
      System.out.println("NOT RUN: worker-cutoff, which is for root only");
      return;
    }
    assertThat(drill(stack, "worker-cutoff").at("/newPrimary").asText()).isNotEmpty();
  }

  private static void keepsItsDataOverARestartOfTheEngine(Stack stack) throws Exception {
    String restart = System.getenv(RESTART);
    if (restart == null) {
      System.out.println("NOT RUN: a restart of the engine, which is not this test's own");
      return;
    }
    Command done = Command.run(Map.of(), List.of("sh", "-c", restart));
    assertThat(done.exitCode()).as(done.output()).isZero();
    awaitWhole(stack);
    assertThat(rows(stack)).isEqualTo(ROWS);
  }

  private static void keepsItsDataOverDownAndUp(Stack stack) throws Exception {
    assertThat(stack.run("down").exitCode()).isZero();
    assertThat(containers(stack)).isEmpty();
    assertThat(stack.run("status").exitCode())
        .as("exit code of status when it is down")
        .isEqualTo(3);
    Run up = stack.up("--docker", "--no-data", "--timeout", PATIENCE);
    assertThat(up.exitCode()).as(up.output()).isZero();
    assertThat(rows(stack)).isEqualTo(ROWS);
  }

  private static void goesWithoutATrace(Stack stack) throws Exception {
    String prefix = prefix(stack);
    assertThat(docker("volume", "ls", "-q", "--filter", "name=" + prefix)).isNotEmpty();
    Run gone = stack.run("destroy", "--yes");
    assertThat(gone.exitCode()).as(gone.output()).isZero();
    assertThat(docker("ps", "-aq", "--filter", "name=" + prefix)).isEmpty();
    assertThat(docker("volume", "ls", "-q", "--filter", "name=" + prefix)).isEmpty();
    assertThat(docker("network", "ls", "-q", "--filter", "name=" + prefix)).isEmpty();
    assertThat(stack.state()).doesNotExist();
  }

  private static int rows(Stack stack) throws Exception {
    Run query = stack.run("sql", "-XAtc", "SELECT count(*) FROM vehicle_locations");
    assertThat(query.exitCode()).as(query.output()).isZero();
    return Integer.parseInt(query.output().strip());
  }

  /** By what status says: either failover-coordinator may be the one that decides. */
  private static void awaitWhole(Stack stack) {
    await().atMost(HEALING).until(() -> stack.quietly("status").exitCode() == 0);
  }

  /** What a drill reports that lost nothing, on the cluster once it is whole. */
  private static JsonNode drill(Stack stack, String name) throws Exception {
    long giveUpAt = System.nanoTime() + HEALING.toNanos();
    Run run;
    do {
      awaitWhole(stack);
      run = stack.run("drill", name, "--seconds-after", "2", "--json", stack.report().toString());
      // On a busy machine it may not be whole any more when the drill looks.
    } while (run.exitCode() == NOTHING_DONE && System.nanoTime() < giveUpAt);
    assertThat(run.exitCode()).as(run.output()).isZero();
    JsonNode report = new ObjectMapper().readTree(stack.report().toFile());
    assertThat(report.at("/rows/acknowledged").asInt()).isPositive();
    assertThat(report.at("/rows/lost").asInt()).isZero();
    return report;
  }

  /** The engine's ids of all containers, which one that was made anew does not keep. */
  private static List<String> containers(Stack stack) throws Exception {
    return docker("ps", "-aq", "--filter", "name=" + prefix(stack));
  }

  /** What the names of all that belongs to the cluster begin with. */
  static String prefix(Stack stack) throws Exception {
    Path variables = stack.state().resolve("compose.env");
    return Files.readAllLines(variables).stream()
        .filter(line -> line.startsWith("SHARDGUARD_PREFIX="))
        .map(line -> line.substring(line.indexOf('=') + 1))
        .findFirst()
        .orElseThrow();
  }

  private static List<String> docker(String... words) {
    List<String> command = new ArrayList<>(List.of("docker"));
    command.addAll(List.of(words));
    Command done = Command.run(Map.of(), command);
    assertThat(done.exitCode()).as(done.output()).isZero();
    return done.output().lines().toList();
  }
}
