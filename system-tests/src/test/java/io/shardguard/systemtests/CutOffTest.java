package io.shardguard.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.shardguard.systemtests.Stack.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Three observers, and members in network namespaces, with real processes: who is cut off from whom
 * decides what is done. On Citus where it is installed. Each test leaves the cluster whole.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class CutOffTest {

  private static final Duration GENEROUS = Duration.ofSeconds(180);
  private static final List<String> OBSERVERS = List.of("monitor-1", "monitor-2", "monitor-3");
  private static final String UNREACHABLE_AFTER = "shardguard.monitor.down.unreachable-after";

  /** More than {@code silent-alone-after}, the longest of the bounds but one. */
  private static final Duration BEYOND_SHORTER_BOUNDS = Duration.ofSeconds(11);

  private static Stack stack;
  private static ClusterNetwork network;

  @BeforeAll
  static void up() throws Exception {
    assumeTrue(
        ClusterNetwork.possible(),
        "NOT RUN: network namespaces need root, ip, iptables and setpriv");
    stack = new Stack();
    Run up =
        stack.up(
            "--no-data",
            "--network",
            "namespaces",
            "--observers",
            "3",
            "--cluster-file",
            stack.clusterFile(Stack.THREE_GROUPS),
            "--timeout",
            "500");
    assertThat(up.exitCode()).as(up.output()).isZero();
    network = ClusterNetwork.of(stack);
    stack.asApp("CREATE TABLE held (id int NOT NULL)");
    stack.asApp("SELECT create_distributed_table('held', 'id')");
  }

  @AfterAll
  static void down() throws Exception {
    if (stack != null) {
      stack.close();
    }
  }

  @BeforeEach
  void whole() throws Exception {
    stack.awaitWhole();
  }

  @Test
  void aPrimaryThatItsStandbyStillHearsIsUnreachableAndIsNotReplaced() throws Exception {
    unreachableAfter("10m");
    String primary = primary(1);
    Recorded recorded = Recorded.fromNow(stack);
    network.cutFromMachine(primary);
    try {
      for (String observer : OBSERVERS) {
        await(() -> silence(recorded, observer, primary).compareTo(BEYOND_SHORTER_BOUNDS) > 0);
        JsonNode view = recorded.newestView(observer, primary);
        assertThat(view.path("verdict").asText()).isEqualTo("SUSPECT");
        assertThat(view.path("diagnosis").asText()).isEqualTo("UNREACHABLE");
      }
      assertThat(stack.run("status").output()).contains("suspect (unreachable)");
      writeAndReadBack();
    } finally {
      network.heal(primary);
    }
    stack.awaitWhole();

    List<JsonNode> said = recorded.events("node-unreachable", 1);
    assertThat(said)
        .extracting(event -> event.path("observer").asText())
        .containsExactlyInAnyOrderElementsOf(OBSERVERS);
    assertThat(said)
        .allSatisfy(event -> {
          assertThat(event.path("member").asText()).isEqualTo(primary);
          assertThat(event.path("evidence").toString()).contains(primary + " was last heard by ");
        });
    assertThat(recorded.events("node-down", 1)).isEmpty();
    assertThat(recorded.events("standby-detached", 1)).isEmpty();
    assertThat(recorded.events("transition-started")).isEmpty();
    assertThat(primary(1)).isEqualTo(primary);
  }

  @Test
  void anUnreachablePrimaryIsReplacedAfterTheLongerBoundAndTheDecisionSaysWhy() throws Exception {
    unreachableAfter("12s");
    Recorded recorded = Recorded.fromNow(stack);

    assertNothingLost(stack.drill("worker-cutoff", "--cut", "observers"));

    assertThat(only(recorded.events("transition-started", 1)).path("evidence").toString())
        .contains("DOWN (UNREACHABLE)");
    assertThat(recorded.events("node-down", 1))
        .filteredOn(down -> down.path("diagnosis").asText().equals("UNREACHABLE"))
        .hasSizeGreaterThanOrEqualTo(2)
        .allMatch(down -> down.path("silentMillis").asLong() >= 12_000)
        .allMatch(down -> down.path("evidence").toString().contains("was last heard by"));
    assertThat(recorded.events("transition-started")).as("other groups' failovers").hasSize(1);
  }

  @Test
  void aPrimaryThatIsCutOffFromItsStandbyOnlyGoesOnWithoutIt() throws Exception {
    Recorded recorded = Recorded.fromNow(stack);
    String primary = primary(1);

    JsonNode report = stack.drill("worker-cutoff", "--cut", "standbys");

    assertNothingLost(report);
    JsonNode outage = report.path("outages").path(0);
    assertThat(outage.path("outageMillis").asLong())
        .as("stall until the standby is detached")
        .isGreaterThan(outage.path("gapBeforeMillis").asLong());
    assertThat(recorded.events("standby-detached", 1)).isNotEmpty();
    assertThat(recorded.events("synchronous-relaxed", 1)).isNotEmpty();
    assertThat(recorded.events("standby-attached", 1)).isNotEmpty();
    assertThat(recorded.events("transition-started")).isEmpty();
    assertThat(primary(1)).isEqualTo(primary);
  }

  @ParameterizedTest(name = "cut: {0}")
  @ValueSource(strings = {"everybody", "in", "out"})
  void aPrimaryThatNobodyCanTalkToIsReplacedFencedAndComesBackAsAStandby(String cut)
      throws Exception {
    Recorded recorded = Recorded.fromNow(stack);

    JsonNode report = stack.drill("worker-cutoff", "--cut", cut);

    assertNothingLost(report);
    String old = report.path("member").asText();
    assertThat(report.path("newPrimary").asText()).isNotEqualTo(old);
    assertThat(only(recorded.events("transition-started")).path("oldPrimary").asText())
        .isEqualTo(old);
    assertThat(members(recorded.events("member-fenced", 1))).contains(old);
    assertThat(members(recorded.events("member-rejoined", 1))).contains(old);
    assertThat(only(recorded.events("standby-attached", 1)).path("standby").asText())
        .isEqualTo(old);
  }

  @Test
  void aPrimaryWhoseCutIsLiftedBeforeItsRuntimeWakesUpGetsNothingAcknowledgedAndIsFenced()
      throws Exception {
    String old = primary(1);
    Recorded recorded = Recorded.fromNow(stack);
    ProcessHandle provisioner = service("provisioner", 1).getFirst();
    signal("STOP", provisioner);
    Process rogue;
    try {
      network.cutFromEverybody(old);
      try {
        await(() -> !recorded.events("transition-completed", 1).isEmpty());
      } finally {
        network.heal(old);
      }
      assertThat(only(recorded.events("barring-started", 1)).path("member").asText())
          .isEqualTo(old);
      writeAndReadBack();
      rogue = network.psql(old, "CREATE TABLE never_acknowledged ()");
      await(() -> members(recorded.events("rogue-found", 1)).contains(old));
      assertThat(rogue.isAlive()).as("waits for a standby that follows another").isTrue();
    } finally {
      signal("CONT", provisioner);
    }
    stack.awaitWhole();

    assertThat(rogue.waitFor(GENEROUS.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(rogue.exitValue()).as("psql's, of a session that was ended").isNotZero();
    assertThat(members(recorded.events("member-rejoined", 1))).contains(old);
    assertThat(recorded.events("transition-started", 1)).hasSize(1);
    writeAndReadBack();
  }

  @Test
  void aFrozenObserverMakesNoFailoverAndHindersNone() throws Exception {
    Recorded recorded = Recorded.fromNow(stack);
    ProcessHandle frozen = service("health-monitor", 3).getLast();
    signal("STOP", frozen);
    try {
      failOver(2, recorded);
    } finally {
      signal("CONT", frozen);
    }
    stack.awaitWhole();
    assertThat(recorded.events("transition-started")).hasSize(1);
  }

  @Test
  void oneObserverAloneThatIsCutOffFromAPrimaryReplacesNobody() throws Exception {
    String primary = primary(2);
    try (LoneObserver alone = LoneObserver.instead(stack, 3, Map.of(UNREACHABLE_AFTER, "10s"))) {
      Recorded recorded = Recorded.fromNow(stack);
      await(() -> verdict(recorded, alone.name(), primary).equals("UP"));
      alone.cutOffFrom(network.address(2, primary));
      await(() -> members(saidBy(alone.name(), recorded.events("node-down", 2))).contains(primary));

      Instant down = Instant.now();
      await(() ->
          time(recorded.newestObservation("monitor-1").path("at")).isAfter(down.plusSeconds(3)));
      assertThat(verdict(recorded, alone.name(), primary)).isEqualTo("DOWN");
      assertThat(verdict(recorded, "monitor-1", primary)).isEqualTo("UP");
      assertThat(recorded.events("transition-started")).isEmpty();
    }
  }

  @Test
  void anIsolatedObserverSaysSoAndTheOthersFailOverWithoutIt() throws Exception {
    try (LoneObserver alone = LoneObserver.instead(stack, 3, Map.of())) {
      Recorded recorded = Recorded.fromNow(stack);
      await(() -> verdict(recorded, alone.name(), primary(2)).equals("UP"));
      alone.cutOffFrom(network.cidr());
      await(() -> !recorded.events("observer-isolated").isEmpty());
      JsonNode said = only(recorded.events("observer-isolated"));
      assertThat(said.path("observer").asText()).isEqualTo(alone.name());
      assertThat(said.path("lost")).hasSizeGreaterThan(3);
      assertThat(saidBy(alone.name(), recorded.events("node-down"))).isEmpty();
      assertThat(saidBy(alone.name(), recorded.events("replication-broken"))).isEmpty();
      assertThat(recorded.events("transition-started")).isEmpty();

      failOver(2, recorded);
      assertThat(saidBy(alone.name(), recorded.events("node-down")))
          .as("the runtime's word reaches it, and nothing else")
          .allMatch(down -> down.path("diagnosis").asText().equals("PROCESS_EXITED"));
      alone.heal();
      await(() -> {
        JsonNode newest = recorded.newestObservation(alone.name());
        return newest.has("isolated") && !newest.path("isolated").asBoolean();
      });
      assertThat(recorded.events("transition-started")).hasSize(1);
    }
  }

  /** Kills a primary: the observers that have a say have it replaced, and nothing is lost. */
  private static void failOver(int group, Recorded recorded) throws Exception {
    int before = write();
    String old = primary(group);
    network.postmaster(old).destroyForcibly();
    await(() -> !recorded.events("transition-completed", group).isEmpty());
    assertThat(primary(group)).isNotEqualTo(old);
    await(CutOffTest::answers);
    assertThat(rows()).isEqualTo(before);
  }

  /** Has all observers run with a bound, which they read at their start. */
  private static void unreachableAfter(String bound) throws Exception {
    Path file = stack.state().resolve("shardguard.properties");
    List<String> lines = new ArrayList<>(Files.readAllLines(file));
    lines.removeIf(line -> line.startsWith(UNREACHABLE_AFTER));
    lines.add(UNREACHABLE_AFTER + "=" + bound);
    Files.write(file, lines);
    List<ProcessHandle> old = service("health-monitor", 3);
    for (ProcessHandle observer : old) {
      observer.destroyForcibly();
      observer.onExit().get(GENEROUS.toSeconds(), TimeUnit.SECONDS);
    }
    stack.awaitWhole();
  }

  private static void assertNothingLost(JsonNode report) {
    assertThat(report.at("/rows/acknowledged").asInt()).isPositive();
    assertThat(report.at("/rows/lost").asInt()).isZero();
    assertThat(report.at("/rows/duplicated").asInt()).isZero();
  }

  private static void writeAndReadBack() throws Exception {
    assertThat(write()).isEqualTo(rows());
  }

  /** Writes rows of every group; returns how many there must be then. */
  private static int write() throws Exception {
    int before = rows();
    stack.asApp("INSERT INTO held SELECT generate_series(%d, %d)".formatted(before, before + 199));
    return before + 200;
  }

  private static int rows() throws SQLException, IOException {
    return Integer.parseInt(stack.asApp("SELECT count(*) FROM held").getFirst());
  }

  private static boolean answers() throws IOException {
    try {
      return rows() >= 0;
    } catch (SQLException notYet) {
      return false;
    }
  }

  private static String primary(int group) throws IOException {
    return Recorded.topology(stack, group).path("primary").asText();
  }

  /** By its newest observation; zero if that has no answer of the member at all. */
  private static Duration silence(Recorded recorded, String observer, String member)
      throws Exception {
    JsonNode view = recorded.newestView(observer, member);
    return view.hasNonNull("lastAnswer")
        ? Duration.between(
            time(view.path("lastAnswer")), time(recorded.newestObservation(observer).path("at")))
        : Duration.ZERO;
  }

  private static String verdict(Recorded recorded, String observer, String member)
      throws Exception {
    return recorded.newestView(observer, member).path("verdict").asText();
  }

  private static Instant time(JsonNode text) {
    return text.isMissingNode() ? Instant.MIN : Instant.parse(text.asText());
  }

  private static List<String> members(List<JsonNode> events) {
    return events.stream().map(event -> event.path("member").asText()).toList();
  }

  private static List<JsonNode> saidBy(String observer, List<JsonNode> events) {
    return events.stream()
        .filter(event -> event.path("observer").asText().equals(observer))
        .toList();
  }

  private static JsonNode only(List<JsonNode> events) {
    assertThat(events).hasSize(1);
    return events.getFirst();
  }

  private static List<ProcessHandle> service(String name, int processes) {
    String program = stack.state().resolve("app").resolve(name).toString();
    List<ProcessHandle> found =
        ProcessHandle.allProcesses()
            .filter(p -> p.info().commandLine().orElse("").contains("-jar " + program + "/"))
            .toList();
    assertThat(found).hasSize(processes);
    return found;
  }

  private static void signal(String name, ProcessHandle process)
      throws IOException, InterruptedException {
    int code =
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
    assertThat(code).isZero();
  }

  private static void await(Callable<Boolean> condition) {
    Awaitility.await().pollInterval(Duration.ofMillis(300)).atMost(GENEROUS).until(condition);
  }
}
