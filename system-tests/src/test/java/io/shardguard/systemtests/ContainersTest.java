package io.shardguard.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.shardguard.systemtests.Stack.Run;
import io.shardguard.testkit.Command;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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

  /** Set to the command that kills it with all containers and starts it again, likewise. */
  private static final String CRASH = "SHARDGUARD_TEST_DOCKER_CRASH";

  /** Whose volume is a file system of its own. */
  private static final String ON_SMALL_DISK = "worker-3b";

  private static final int ROWS = 3_000;
  private static final String PATIENCE = "420";
  private static final Duration HEALING = Duration.ofMinutes(4);

  @Test
  void aClusterOfContainersSurvivesItsFaultsKeepsItsDataAndGoesWithoutATrace() throws Exception {
    // Closed last: until then the cluster uses it.
    try (SmallDisk small = SmallDisk.possible() ? SmallDisk.make("700M") : null;
        Stack stack = new Stack()) {
      comesUp(stack);
      changesNothingWhenItIsUp(stack);
      assertThat(drill(stack, "worker-crash").at("/newPrimary").asText()).isNotEmpty();
      assertThat(drill(stack, "coordinator-crash").at("/newPrimary").asText()).isNotEmpty();
      assertThat(drill(stack, "worker-hang").at("/newPrimary").asText()).isNotEmpty();
      drill(stack, "standby-crash");
      cutOff(stack);
      keepsWhatItAcknowledgedOver("a restart of the engine", RESTART, stack);
      keepsWhatItAcknowledgedOver("the engine's death with all containers", CRASH, stack);
      leads("worker-3a", stack);
      goesDown(stack);
      if (small != null) {
        getsAnEmptyDisk(stack, small);
      }
      keepsItsDataOverDownAndUp(stack);
      if (small == null) {
        System.out.println("NOT RUN: a full disk, which needs root, a loop device and mkfs.ext4");
      } else {
        aStandbysDiskIsFull(stack);
        aPrimarysDiskIsFull(stack);
      }
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

  /** By the engine, then by packet filters in its network: that only root may. */
  private static void cutOff(Stack stack) throws Exception {
    assertThat(drill(stack, "worker-cutoff", "--cut", "engine").at("/newPrimary").asText())
        .isNotEmpty();
    if (!"root".equals(System.getProperty("user.name"))) {
      System.out.println("NOT RUN: worker-cutoff and worker-bad-link, which are for root only");
      return;
    }
    assertThat(drill(stack, "worker-cutoff").at("/newPrimary").asText()).isNotEmpty();
    drill(stack, "worker-bad-link", "--link", "lossy", "--seconds", "5");
  }

  /** Under writers that count: the drill fails if a row is lost. */
  private static void keepsWhatItAcknowledgedOver(String what, String variable, Stack stack)
      throws Exception {
    String command = System.getenv(variable);
    if (command == null) {
      System.out.println("NOT RUN: " + what + ", since the engine is not this test's own");
      return;
    }
    drill(stack, "by-hand", "--run", command, "--seconds", "1", "--timeout", "240");
    stack.awaitWhole();
    assertThat(rows(stack)).isEqualTo(ROWS);
  }

  /** As somebody does who has lost one: an empty one of that name, with the labels. */
  private static void getsAnEmptyDisk(Stack stack, SmallDisk small) throws Exception {
    String volume = stack.containerPrefix() + "-" + ON_SMALL_DISK;
    List<String> create =
        new ArrayList<>(
            List.of("volume", "create", "--opt", "type=ext4", "--opt", "device=" + small.device()));
    String labels = "{{range $name, $value := .Labels}}{{$name}}={{$value}}\n{{end}}";
    for (String label : docker("volume", "inspect", "-f", labels, volume)) {
      if (!label.isBlank()) {
        create.addAll(List.of("--label", label));
      }
    }
    create.add(volume);
    docker("volume", "rm", volume);
    docker(create.toArray(String[]::new));
  }

  private static void aStandbysDiskIsFull(Stack stack) throws Exception {
    leads("worker-3a", stack);
    // Until there is room it streams now and then, up to the next segment.
    String words = "(?s).*" + ON_SMALL_DISK + " is [a-z ]*, disk full and not eligible.*";
    underLoad(
        stack,
        () -> fillUp(stack, "worker-3a", () -> stack.quietly("status").output().matches(words)));
  }

  private static void aPrimarysDiskIsFull(Stack stack) throws Exception {
    leads(ON_SMALL_DISK, stack);
    underLoad(
        stack,
        () ->
            fillUp(
                stack,
                ON_SMALL_DISK,
                () ->
                    "worker-3a".equals(GroupNow.of(stack, 3).primary())
                        && stack.quietly("status").output().contains("its disk is full")));
  }

  /** Has a member be the primary of group 3, on the cluster when it is whole. */
  private static void leads(String member, Stack stack) throws Exception {
    stack.awaitWhole();
    if (!member.equals(GroupNow.of(stack, 3).primary())) {
      Run order = stack.run("switchover", "3", "--to", member);
      assertThat(order.exitCode()).as(order.output()).isZero();
      stack.awaitWhole();
    }
  }

  /** Fills it, has the primary write WAL until that has come of it, and makes room again. */
  private static void fillUp(Stack stack, String primary, Callable<Boolean> consequence)
      throws Exception {
    String disk = stack.containerPrefix() + "-disk";
    String home = "/var/lib/shardguard/members/";
    String filler = home + ON_SMALL_DISK + "/filler";
    Command filled =
        Command.run(
            Map.of(),
            List.of("docker", "exec", disk, "dd", "if=/dev/zero", "of=" + filler, "bs=1M"));
    try {
      assertThat(filled.output()).contains("No space left on device");
      List<String> nextSegment =
          List.of(
              "docker",
              "exec",
              stack.containerPrefix() + "-" + primary,
              "psql",
              "--host=" + home + primary + "/run",
              "--port=" + (stack.portBase() + 10),
              "--username=postgres",
              "--command=SELECT pg_switch_wal()",
              "citus");
      await()
          .atMost(HEALING)
          .until(() -> {
            Command.run(Map.of(), nextSegment); // It may have ended.
            return consequence.call();
          });
    } finally {
      docker("exec", disk, "rm", filler);
    }
  }

  /** Does something while writers count what is acknowledged; the drill fails if a row is lost. */
  private static void underLoad(Stack stack, Chapter chapter) throws Exception {
    Path directory = Files.createTempDirectory("shardguard-chapter");
    Path begun = directory.resolve("begun");
    Path over = directory.resolve("over");
    String hold = "touch %s; until [ -e %s ]; do sleep 0.2; done".formatted(begun, over);
    try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
      Future<JsonNode> drill =
          thread.submit(
              () -> drill(stack, "by-hand", "--run", hold, "--seconds", "1", "--timeout", "240"));
      try {
        await().atMost(HEALING).until(() -> Files.exists(begun) || drill.isDone());
        if (!drill.isDone()) {
          chapter.happens();
        }
      } finally {
        Files.createFile(over);
      }
      drill.get();
    } finally {
      Files.deleteIfExists(begun);
      Files.deleteIfExists(over);
      Files.delete(directory);
    }
  }

  private interface Chapter {
    void happens() throws Exception;
  }

  private static void goesDown(Stack stack) throws Exception {
    assertThat(stack.run("down").exitCode()).isZero();
    assertThat(containers(stack)).isEmpty();
    assertThat(stack.run("status").exitCode())
        .as("exit code of status when it is down")
        .isEqualTo(3);
  }

  private static void keepsItsDataOverDownAndUp(Stack stack) throws Exception {
    Run up = stack.up("--docker", "--no-data", "--timeout", PATIENCE);
    assertThat(up.exitCode()).as(up.output()).isZero();
    assertThat(rows(stack)).isEqualTo(ROWS);
  }

  private static void goesWithoutATrace(Stack stack) throws Exception {
    String prefix = stack.containerPrefix();
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

  /** What a drill reports that lost nothing, on the cluster once it is whole. */
  private static JsonNode drill(Stack stack, String name, String... options) throws Exception {
    stack.awaitWhole();
    return stack.drill(name, options);
  }

  /** The engine's ids of all containers, which one that was made anew does not keep. */
  private static List<String> containers(Stack stack) throws Exception {
    return docker("ps", "-aq", "--filter", "name=" + stack.containerPrefix());
  }

  private static List<String> docker(String... words) {
    List<String> command = new ArrayList<>(List.of("docker"));
    command.addAll(List.of(words));
    return Command.outputOf(command).lines().toList();
  }
}
