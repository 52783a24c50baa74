package io.shardguard.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.shardguard.systemtests.Stack.Run;
import io.shardguard.testkit.PostgresServer;
import java.nio.file.Files;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A cluster's life, on each engine: one story, since each chapter needs the one before. */
class StackTest {

  private static final int ROWS = 3_000;

  @ParameterizedTest(name = "on {0}")
  @ValueSource(strings = {"stand-in", "citus"})
  void aClusterComesUpSurvivesBothCrashesKeepsItsDataAndGoesWithoutATrace(String engine)
      throws Exception {
    assumeTrue(
        engine.equals("stand-in") || PostgresServer.citusAvailable(),
        "NOT RUN on Citus: it is not installed for PostgreSQL 15 on this machine");
    try (Stack stack = new Stack()) {
      comesUp(stack, engine);
      changesNothingWhenItIsUp(stack);
      survives(stack, "worker-crash");
      survives(stack, "coordinator-crash");
      keepsItsDataOverAPowerCut(stack);
      keepsItsDataOverDownAndUp(stack);
      goesWithoutATrace(stack);
    }
  }

  private static void comesUp(Stack stack, String engine) throws Exception {
    Run up =
        stack.up(
            "--engine",
            engine,
            "--rows",
            Integer.toString(ROWS),
            "--regions",
            "25",
            "--timeout",
            "400");
    assertThat(up.exitCode()).as(up.output()).isZero();
    assertThat(up.output()).contains(engine.equals("citus") ? "Citus 1" : "stand-in");
    assertWhole(stack);
    assertThat(rows(stack)).isEqualTo(ROWS);
  }

  private static void changesNothingWhenItIsUp(Stack stack) throws Exception {
    var before = stack.memberProcesses();
    assertThat(stack.up("--no-data").exitCode()).isZero();
    assertThat(stack.memberProcesses()).containsAll(before);
  }

  private static void survives(Stack stack, String drill) throws Exception {
    JsonNode report = stack.drill(drill);
    assertThat(report.at("/rows/duplicated").asInt()).isZero();
    assertThat(report.at("/newPrimary").asText()).isNotEqualTo(report.at("/member").asText());
    assertWhole(stack);
  }

  private static void keepsItsDataOverAPowerCut(Stack stack) throws Exception {
    stack.killEverything();
    Run up = stack.up("--no-data");
    assertThat(up.exitCode()).as(up.output()).isZero();
    assertWhole(stack);
    assertThat(rows(stack)).isEqualTo(ROWS);
  }

  private static void keepsItsDataOverDownAndUp(Stack stack) throws Exception {
    assertThat(stack.run("down").exitCode()).isZero();
    assertThat(stack.memberProcesses()).isEmpty();
    assertThat(stack.run("status").exitCode())
        .as("exit code of status when it is down")
        .isEqualTo(3);
    Run up = stack.up("--no-data");
    assertThat(up.exitCode()).as(up.output()).isZero();
    assertWhole(stack);
    assertThat(rows(stack)).isEqualTo(ROWS);
  }

  private static void goesWithoutATrace(Stack stack) throws Exception {
    assertThat(stack.run("destroy", "--yes").exitCode()).isZero();
    assertThat(stack.state()).doesNotExist();
    assertThat(stack.memberProcesses()).isEmpty();
    assertThat(Files.isDirectory(stack.state().getParent())).isTrue();
  }

  private static void assertWhole(Stack stack) throws Exception {
    Run status = stack.run("status", "--json");
    assertThat(status.exitCode()).as(status.output()).isZero();
    JsonNode groups = status.json().path("groups");
    assertThat(groups).hasSize(4);
    for (JsonNode group : groups) {
      long eligible =
          StreamSupport.stream(group.path("members").spliterator(), false)
              .filter(member -> member.path("eligible").asBoolean())
              .count();
      assertThat(eligible).as("eligible standbys of group " + group.path("group")).isEqualTo(1);
    }
  }

  private static int rows(Stack stack) throws Exception {
    Run count = stack.run("sql", "-Atc", "SELECT count(*) FROM vehicle_locations");
    assertThat(count.exitCode()).as(count.output()).isZero();
    return Integer.parseInt(
        count.output().strip().lines().reduce((a, b) -> b).orElseThrow().strip());
  }
}
