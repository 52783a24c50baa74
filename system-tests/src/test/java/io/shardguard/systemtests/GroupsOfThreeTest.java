package io.shardguard.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.shardguard.systemtests.Stack.Run;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * One cluster with a worker group of three members beside one of two, and what may happen to them;
 * each test finds it whole and leaves it so. On Citus where it is installed.
 */
class GroupsOfThreeTest {

  private static final Duration GENEROUS = Duration.ofSeconds(120);
  private static final int THREE = 1;
  private static final int TWO = 2;

  private static Stack stack;
  private static Rows rows;

  @BeforeAll
  static void up() throws Exception {
    stack = new Stack();
    Path declaration =
        Files.writeString(
            stack.state().resolveSibling("cluster.yaml"),
            """
            cluster: threes
            groups:
              - group: 0
                members: [coordinator-a, coordinator-b]
              - group: 1
                members: [worker-1a, worker-1b, worker-1c]
              - group: 2
                members: [worker-2a, worker-2b]
            """);
    Run up = stack.up("--no-data", "--timeout", "400", "--cluster-file", declaration.toString());
    assertThat(up.exitCode()).as(up.output()).isZero();
    rows = new Rows(stack);
  }

  @AfterAll
  static void down() throws Exception {
    stack.close();
  }

  @BeforeEach
  void awaitWhole() throws Exception {
    stack.awaitWhole();
  }

  @Test
  void aCrashedPrimaryIsReplacedAndBothOthersFollowItAndAreEligibleAgain() throws Exception {
    JsonNode report = drill("worker-crash", THREE);

    GroupNow group = group(THREE);
    assertThat(group.primary()).isEqualTo(report.path("newPrimary").asText());
    assertThat(group.eligible()).hasSize(2);
    String followed =
        "SELECT string_agg(application_name, ',' ORDER BY application_name) FROM pg_stat_replication";
    assertThat(member(group.primary()).sql(followed)).isEqualTo(String.join(",", group.standbys()));
  }

  @Test
  void aCrashedStandbyLeavesTheOtherEligibleAndThePrimaryNeverWithoutOne() throws Exception {
    String primary = group(THREE).primary();
    JsonNode report = drill("standby-crash", THREE);

    String crashed = report.path("member").asText();
    EventLog log = since(report);
    assertThat(group(THREE).primary()).isEqualTo(primary);
    assertThat(log.named("standby-detached", THREE))
        .extracting(detached -> detached.path("standby").asText())
        .containsOnly(crashed);
    assertThat(log.named("synchronous-relaxed", THREE)).isEmpty();
  }

  /** The primary's disk is gone for good, and one of its two standbys is away. */
  @Test
  void aPrimaryLostTogetherWithAStandbyIsReplacedOnceThatStandbyIsBack() throws Exception {
    GroupNow before = group(THREE);
    ServerMember primary = member(before.primary());
    ServerMember standby = member(before.standbys().getLast());
    Instant start = Instant.now();
    rows.write();
    Signals.stop(Part.PROVISIONER.process(stack)); // nobody starts them again for now
    try {
      Signals.stop(Part.FAILOVER_COORDINATOR.process(stack)); // it hears of both at once
      try {
        standby.kill();
        primary.kill();
        Files.move(primary.data(), primary.data().resolveSibling("data.lost"));
      } finally {
        Signals.go(Part.FAILOVER_COORDINATOR.process(stack));
      }
      awaitRefusal(start, THREE, "ELIGIBLE_STANDBY_AWAY");
      assertThat(stack.run("status").output()).contains("an eligible standby is away");
      assertThat(log(start).named("promotion-started", THREE)).isEmpty();
    } finally {
      Signals.go(Part.PROVISIONER.process(stack));
    }

    awaitWhole();
    assertThat(group(THREE).primary()).isIn(before.standbys());
    assertThat(log(start).transitions(THREE)).hasSize(1);
    rows.assertAllThere();
  }

  @Test
  void aStandbyPromotedByHandDoesNotWinAndItsRowsAreKeptAside() throws Exception {
    GroupNow before = group(THREE);
    ServerMember rogue = member(before.standbys().getFirst());
    Instant start = Instant.now();
    Signals.stop(Part.PROVISIONER.process(stack)); // nobody ends it before the primary is gone
    try {
      Signals.stop(Part.FAILOVER_COORDINATOR.process(stack));
      try {
        rogue.sql("SELECT pg_promote(true, 60)");
        rogue.sql("SET synchronous_commit = local; CREATE TABLE written_by_hand (n int)");
        rows.write();
        member(before.primary()).kill();
      } finally {
        Signals.go(Part.FAILOVER_COORDINATOR.process(stack));
      }
      awaitRefusal(start, THREE, "ELIGIBLE_STANDBY_DIVERGED");
    } finally {
      Signals.go(Part.PROVISIONER.process(stack));
    }

    awaitWhole();
    assertThat(log(start).named("standby-promoted", THREE))
        .extracting(promoted -> promoted.path("member").asText())
        .containsOnly(before.primary());
    assertThat(group(THREE).primary()).isEqualTo(before.primary());
    rows.assertAllThere();
    for (String member : before.members()) {
      assertThat(member(member).sql("SELECT to_regclass('written_by_hand') IS NULL"))
          .as(member)
          .isEqualTo("t");
    }
    assertThat(kept(rogue, "data.kept-rogue-")).isNotEmpty();
  }

  @Test
  void theOnlyMemberThatHasEverythingResumesByItselfAndLosesNothing() throws Exception {
    GroupNow before = group(TWO);
    Instant start = Instant.now();
    leaveAlone(before.primary(), before.standbys().getFirst());
    rows.write();
    Signals.stop(Part.PROVISIONER.process(stack)); // the primary does not come back at once
    try {
      member(before.primary()).kill();
      awaitRefusal(start, TWO, "NO_ELIGIBLE_STANDBY");
      assertThat(stack.run("status").output())
          .contains("no failover: no standby surely holds every acknowledged commit");
    } finally {
      Signals.go(Part.PROVISIONER.process(stack));
    }
    Awaitility.await()
        .atMost(GENEROUS)
        .until(() -> log(start).named("transition-completed", TWO).size() == 1);
    order("maintenance", "end", before.standbys().getFirst());

    awaitWhole();
    assertThat(group(TWO).primary()).isEqualTo(before.primary());
    rows.assertAllThere();
  }

  @Test
  void whatAnOperatorGivesUpIsRefusedFirstThenNamedInTheLogAndInStatusAndKept() throws Exception {
    GroupNow before = group(TWO);
    String primary = before.primary();
    String standby = before.standbys().getFirst();
    Instant start = Instant.now();
    leaveAlone(primary, standby);
    List<Integer> alone = rows.writeUnpromised();
    long written = lsn(member(primary).sql("SELECT pg_current_wal_flush_lsn()"));
    Awaitility.await()
        .atMost(GENEROUS)
        .until(() -> lsn(view(primary).at("/status/flushLsn").asText()) >= written);
    order("maintenance", "start", primary); // it does not come back by itself
    member(primary).kill();
    awaitRefusal(start, TWO, "MAINTENANCE");
    assertThat(stack.run("status").output()).contains("no failover: the primary is in maintenance");
    order("maintenance", "end", standby);
    Awaitility.await().atMost(GENEROUS).until(() -> answers(standby));

    Run withoutLoss = stack.run("failover", "2");
    assertThat(withoutLoss.exitCode()).as(withoutLoss.output()).isEqualTo(1);
    assertThat(withoutLoss.output()).contains("--accept-data-loss");
    order("failover", "2", "--accept-data-loss", "--yes", "--timeout", "120");

    JsonNode loss = log(start).named("data-loss-accepted", TWO).getFirst();
    String range = "from " + loss.path("from").asText() + " to " + loss.path("to").asText();
    assertThat(lsn(loss.path("to").asText())).isGreaterThanOrEqualTo(written);
    assertThat(lsn(loss.path("from").asText())).isLessThan(written);
    assertThat(stack.run("status").output()).contains(range + " that " + primary + " had");
    assertThat(group(TWO).primary()).isEqualTo(standby);

    order("maintenance", "end", primary);
    awaitWhole();
    assertThat(kept(member(primary), "data.kept-loss-" + loss.path("transition").asText()))
        .isNotEmpty();
    assertThat(rows.missing()).isNotEmpty().isSubsetOf(alone);
    rows.forget(alone);
  }

  @ParameterizedTest
  @ValueSource(strings = {"standby-full-disk", "worker-full-disk"})
  void aFullDiskCostsNoAcknowledgedWrite(String drill) throws Exception {
    JsonNode report = drill(drill, TWO);

    boolean takeover = drill.startsWith("worker");
    EventLog log = since(report);
    assertThat(log.named("standby-promoted", TWO)).hasSize(takeover ? 1 : 0);
    if (!takeover) {
      List<String> order = log.all().stream().map(event -> event.path("type").asText()).toList();
      assertThat(order)
          .containsSubsequence(
              "io.shardguard.standby-detached.v1",
              "io.shardguard.synchronous-relaxed.v1",
              "io.shardguard.standby-attached.v1");
    }
  }

  @Test
  void aStandbyWhoseReplayIsPausedStaysEligibleAndTakesOverWithEverything() throws Exception {
    GroupNow before = group(TWO);
    Instant start = Instant.now();
    ServerMember standby = member(before.standbys().getFirst());
    standby.sql("SELECT pg_wal_replay_pause()");
    Awaitility.await()
        .atMost(GENEROUS)
        .until(() -> standby.sql("SELECT pg_get_wal_replay_pause_state()").equals("paused"));
    rows.write();
    assertThat(standby.sql("SELECT pg_last_wal_receive_lsn() > pg_last_wal_replay_lsn()"))
        .as("it has what it did not replay")
        .isEqualTo("t");
    assertThat(group(TWO).eligible()).hasSize(1);

    member(before.primary()).kill();

    Awaitility.await()
        .atMost(GENEROUS)
        .until(() -> log(start).named("transition-completed", TWO).size() == 1);
    awaitWhole();
    assertThat(group(TWO).primary()).isEqualTo(before.standbys().getFirst());
    assertThat(log(start).named("standby-detached", TWO)).isEmpty();
    rows.assertAllThere();
  }

  @Test
  void whatNobodyCanReadOrCarryOutIsAnsweredOrPutAsideAndAFailoverIsMadeAllTheSame()
      throws Exception {
    GroupNow before = group(THREE);
    Instant start = Instant.now();
    rows.write();
    List<ProcessHandle> parts = parts();
    try (BadInput input = new BadInput(stack.kafka(), "threes")) {
      List<BadInput.Sent> unreadable = input.sendUnreadable(List.of(THREE, TWO));
      input.sendWhatConcernsNobody();
      Awaitility.await()
          .atMost(GENEROUS)
          .untilAsserted(() -> assertThat(input.withoutReasonInDlq(unreadable)).isEmpty());
    }
    Awaitility.await()
        .atMost(GENEROUS)
        .untilAsserted(() ->
            assertThat(log(start).named("command-refused"))
                .extracting(refused -> refused.path("reason").asText())
                .containsExactly("there is no group 99", "group 1 has no member nobody"));
    assertThat(stack.run("status").output())
        .contains("group 1: its newest state in the log cannot be read")
        .contains("group 2: its newest state in the log cannot be read");

    // Whatever changes a group's state has it written anew.
    order("pause", "2");
    order("resume", "2");
    member(before.primary()).kill();

    Awaitility.await()
        .atMost(GENEROUS)
        .until(() -> log(start).named("transition-completed", THREE).size() == 1);
    awaitWhole();
    assertThat(group(THREE).primary()).isNotEqualTo(before.primary());
    rows.assertAllThere();
    assertThat(parts()).as("no part died of it").isEqualTo(parts);
  }

  private static List<ProcessHandle> parts() {
    return Stream.of(Part.values()).map(part -> part.process(stack)).toList();
  }

  /** A standby that is gone until its maintenance ends; the primary goes on without it. */
  private static void leaveAlone(String primary, String standby) throws Exception {
    order("maintenance", "start", standby);
    Awaitility.await()
        .atMost(GENEROUS)
        .until(() -> member(primary).sql("SHOW synchronous_standby_names").isEmpty());
    member(standby).kill();
  }

  private static boolean answers(String member) throws Exception {
    return view(member).path("verdict").asText().equals("UP");
  }

  private static void order(String... arguments) throws Exception {
    Run run = stack.run(arguments);
    assertThat(run.exitCode()).as(run.output()).isZero();
  }

  private static JsonNode drill(String name, int group) throws Exception {
    JsonNode report = stack.drill(name, "--group", Integer.toString(group));
    stack.awaitWhole();
    return report;
  }

  private static EventLog since(JsonNode report) throws Exception {
    return log(Instant.parse(report.path("injectedAt").asText()));
  }

  private static EventLog log(Instant since) throws Exception {
    return EventLog.of(stack).since(since);
  }

  private static void awaitRefusal(Instant since, int group, String reason) {
    Awaitility.await()
        .atMost(GENEROUS)
        .untilAsserted(() ->
            assertThat(log(since).named("failover-refused", group))
                .extracting(refused -> refused.path("refusal").asText())
                .contains(reason));
  }

  /** How a member is seen. */
  private static JsonNode view(String member) throws Exception {
    for (JsonNode view : new ObjectMapper().readTree(Part.HEALTH_MONITOR.get(stack, "members"))) {
      if (view.path("member").asText().equals(member)) {
        return view;
      }
    }
    throw new IllegalStateException(member + " is not watched");
  }

  private static long lsn(String text) {
    String[] halves = text.split("/");
    return (Long.parseLong(halves[0], 16) << 32) | Long.parseLong(halves[1], 16);
  }

  private static List<Path> kept(ServerMember member, String prefix) throws Exception {
    try (Stream<Path> beside = Files.list(member.data().getParent())) {
      return beside.filter(path -> path.getFileName().toString().startsWith(prefix)).toList();
    }
  }

  private static ServerMember member(String name) {
    return new ServerMember(stack, name);
  }

  private static GroupNow group(int number) throws Exception {
    return GroupNow.of(stack, number);
  }
}
