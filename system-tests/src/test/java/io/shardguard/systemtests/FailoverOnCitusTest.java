package io.shardguard.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.shardguard.events.ReplicationEvent.MemberBarred;
import io.shardguard.events.ReplicationEvent.RogueFound;
import io.shardguard.events.ReplicationEvent.StandbyAttached;
import io.shardguard.events.TransitionEvent.OldPrimaryEnded;
import io.shardguard.events.TransitionEvent.TransitionCompleted;
import io.shardguard.systemtests.MemberHands.Ended;
import io.shardguard.systemtests.Stack.Run;
import io.shardguard.testkit.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What Citus adds to a failover, on members with an address of their own.
 *
 * <p>An old coordinator that nobody can end, since the provisioner stands still: it wakes up, its
 * sessions end, it is started again by hand. Sealed as it is it commits nothing itself; but what it
 * sends to workers would settle its successor's two-phase commits. The workers must refuse it
 * (design I5).
 *
 * <p>DDL, which Citus refuses while a worker lacks the newest metadata: it works once a transition
 * is completed.
 */
class FailoverOnCitusTest {

  private static final Duration GENEROUS = Duration.ofSeconds(240);
  private static final String REFUSED = "pg_hba.conf rejects connection";

  private static final String CLUSTER =
      """
      cluster: demo
      runtime: local
      groups:
        - group: 0
          members: [coordinator-a, coordinator-b]
        - group: 1
          members: [worker-1a, worker-1b]
        - group: 2
          members: [worker-2a, worker-2b]
      """;

  private static Stack stack;
  private static Properties properties;
  private static MemberHands hands;
  private LiveLog log;
  private Bank bank;
  private String old;
  private String successor;

  @BeforeAll
  static void up() throws Exception {
    assumeTrue(
        PostgresServer.citusAvailable(),
        "NOT RUN: Citus is not installed for PostgreSQL 15 on this machine");
    assumeTrue(NamespacesTest.possible(), NamespacesTest.IMPOSSIBLE);
    Path declaration = Files.createTempFile("declaration", ".yaml");
    Files.writeString(declaration, CLUSTER);
    stack = new Stack();
    Run up =
        stack.up(
            "--no-data",
            "--timeout",
            "400",
            "--engine",
            "citus",
            "--network",
            "namespaces",
            "--cluster-file",
            declaration.toString());
    Files.delete(declaration);
    assertThat(up.exitCode()).as(up.output()).isZero();
    properties = stack.properties();
    try (LiveLog log = new LiveLog(properties.getProperty("kafka.bootstrap.servers"))) {
      hands = new MemberHands(stack, properties, log.members());
    }
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
    log = new LiveLog(properties.getProperty("kafka.bootstrap.servers"));
    old = log.group(0).primary();
    successor = log.group(0).standbys().getFirst().name();
    int port = Integer.parseInt(properties.getProperty("shardguard.haproxy.write-port"));
    bank = new Bank(port, stack.secret("app"));
  }

  /** Whatever went wrong: nobody is left asleep, paused or writing, and no link cut. */
  @AfterEach
  void awake() throws Exception {
    if (bank != null) {
      bank.stop();
      if (log.group(0).paused()) {
        stack.run("resume", "0");
      }
      log.close();
      provisioner("CONT");
      hands.thaw(old);
      hands.mend(old);
    }
  }

  @Test
  void anOldCoordinatorThatWakesUpAndOneThatIsStartedByHandReachesNoWorkerAndNothingIsLost()
      throws Exception {
    bank.open();
    makePlanted();
    bank.start();
    awaitTraffic();
    Path passwordFile = hands.passwordFile(old);

    provisioner("STOP");
    hands.freeze(old);
    awaitTakeoverByRefusal();
    assertDdlWorks("after_a_freeze");
    awaitTraffic();

    hands.thaw(old);
    try (PlantedCommit planted = plant()) {
      assertReachesNobody(planted);
      for (int restart = 1; restart <= 3; restart++) {
        hands.kill(old);
        awaitPrimary(hands.startByHand(old, passwordFile));
        assertReachesNobody(planted);
      }
      planted.commit();
    }

    provisioner("CONT");
    awaitRejoined();
    assertNothingLost();
  }

  @Test
  void twoPhaseCommitsThatHangOnASealedCoordinatorDoNotReachTheWorkersWhenTheirWaitEnds()
      throws Exception {
    for (String table : List.of("unfenced", "cancelled", "terminated", "single")) {
      app("CREATE TABLE " + table + " (k int PRIMARY KEY, cnt int DEFAULT 0)");
      app("SELECT create_distributed_table('" + table + "', 'k', shard_count => 4)");
      app("INSERT INTO " + table + " SELECT generate_series(1, 24)");
    }
    assertThat(stack.run("pause", "0").exitCode()).isZero();
    provisioner("STOP");
    // Nobody hears of it any more, and it hears of nobody but the workers.
    hands.cut(old, List.of(hands.observers(), hands.address(successor).host()));

    // The danger: without a standby nothing can be committed here, and yet the workers obey.
    Process unfenced = hangingUpdate("unfenced");
    hands.sql(old, endOf("pg_cancel_backend", "unfenced"));
    assertThat(MemberHands.end(unfenced).output()).contains("synchronous replication");
    assertThat(hands.asApp(old, "INSERT INTO single VALUES (100)").exitCode()).isZero();

    Process cancelled = hangingUpdate("cancelled");
    Process terminated = hangingUpdate("terminated");
    assertThat(preparedOnWorkers()).isGreaterThanOrEqualTo(2);
    assertThat(stack.run("resume", "0").exitCode()).isZero();
    awaitTakeoverByRefusal();
    Awaitility.await().atMost(GENEROUS).until(() -> preparedOnWorkers() == 0);

    hands.sql(old, endOf("pg_cancel_backend", "cancelled"));
    hands.sql(old, endOf("pg_terminate_backend", "terminated"));
    MemberHands.end(cancelled);
    MemberHands.end(terminated);
    assertThat(hands.asApp(old, "INSERT INTO single VALUES (101)").output()).contains(REFUSED);
    assertNothingHalf();
    assertThatWithoutTheFenceItRollsBackWhatItsSuccessorCommits();

    hands.mend(old);
    provisioner("CONT");
    awaitRejoined();
    assertNothingHalf();
  }

  @Test
  void anOldCoordinatorThatIsKilledAgainAndAgainComesBackAsAStandbyAndRollsNothingBack()
      throws Exception {
    bank.open();
    makePlanted();
    bank.start();
    awaitTraffic();

    hands.kill(old);
    log.await(TransitionCompleted.class, e -> e.primary().equals(successor));
    assertDdlWorks("after_a_crash");
    try (PlantedCommit planted = plant()) {
      for (int restart = 1; restart <= 3; restart++) {
        Awaitility.await()
            .atMost(GENEROUS)
            .until(() -> hands.trySql(old, "SELECT pg_is_in_recovery()").output(), "t"::equals);
        assertThat(planted.isPending()).isTrue();
        hands.kill(old);
      }
      planted.commit();
    }

    awaitRejoined();
    assertThat(log.events(RogueFound.class)).as("primaries that nobody made").isEmpty();
    assertNothingLost();
  }

  @Test
  void ddlWorksDirectlyAfterAWorkersFailover() throws Exception {
    String worker = log.group(1).primary();

    hands.kill(worker);
    log.await(TransitionCompleted.class, e -> e.group() == 1);

    assertDdlWorks("after_a_workers_crash");
    log.await(StandbyAttached.class, e -> e.standby().equals(worker));
  }

  /** At the first try, on a table that was there and on one that is new. */
  private void assertDdlWorks(String table) throws Exception {
    app("CREATE TABLE " + table + " (k int PRIMARY KEY)");
    app("SELECT create_distributed_table('" + table + "', 'k', shard_count => 4)");
    app("ALTER TABLE " + table + " ADD COLUMN v int");
    app("INSERT INTO " + table + " VALUES (1, 1)");
  }

  private void awaitTraffic() {
    int transfers = bank.transfers();
    int rounds = bank.rounds();
    Awaitility.await()
        .atMost(GENEROUS)
        .until(() -> bank.transfers() > transfers + 20 && bank.rounds() > rounds + 3);
  }

  private static void provisioner(String signal) throws Exception {
    MemberHands.signal(
        signal, stack.serviceProcesses("provisioner").stream().map(ProcessHandle::pid).toList());
  }

  /** As the application, on whoever is the primary. */
  private String app(String statement) throws Exception {
    Ended ended = hands.asApp(log.group(0).primary(), statement);
    assertThat(ended.exitCode()).as(ended.output()).isZero();
    return ended.output();
  }

  private void makePlanted() throws Exception {
    app("DROP TABLE IF EXISTS planted");
    app("CREATE TABLE planted (k int PRIMARY KEY)");
    app("SELECT create_distributed_table('planted', 'k', shard_count => 4)");
  }

  private PlantedCommit plant() throws Exception {
    return PlantedCommit.between(hands, successor, log.group(1).primary());
  }

  private void awaitTakeoverByRefusal() throws Exception {
    log.await(TransitionCompleted.class, e -> e.primary().equals(successor));
    assertThat(log.events(OldPrimaryEnded.class))
        .filteredOn(ended -> ended.member().equals(old))
        .extracting(OldPrimaryEnded::evidence)
        .containsExactly("every member that answers refuses it");
    assertThat(log.events(MemberBarred.class))
        .filteredOn(barred -> barred.member().equals(old))
        .extracting(MemberBarred::by)
        .containsAll(hands.others(old));
  }

  /** It takes writes, as far as it is concerned, and Citus' daemon has begun its work. */
  private void awaitPrimary(Path serverLog) throws IOException {
    String question =
        "SELECT NOT pg_is_in_recovery() AND EXISTS (SELECT FROM pg_stat_activity"
            + " WHERE application_name LIKE 'Citus Maintenance Daemon%')";
    try {
      Awaitility.await()
          .atMost(GENEROUS)
          .until(() -> hands.trySql(old, question).output(), "t"::equals);
    } catch (ConditionTimeoutException e) {
      throw new AssertionError(old + " does not start: " + Files.readString(serverLog), e);
    }
  }

  private void assertReachesNobody(PlantedCommit planted) throws Exception {
    String[] writes =
        IntStream.range(10, 18)
            .mapToObj(key -> "INSERT INTO planted VALUES (" + key + ")")
            .toArray(String[]::new);
    assertThat(hands.asApp(old, writes).output())
        .as("single-shard writes to both workers")
        .contains(REFUSED)
        .doesNotContain("INSERT 0");
    assertThat(hands.asApp(old, "DELETE FROM planted").output())
        .as("a write to all shards")
        .contains(REFUSED)
        .doesNotContain("DELETE ");
    hands.sql(old, "SELECT recover_prepared_transactions()");
    assertThat(planted.isPending()).as("the successor's two-phase commit is untouched").isTrue();
    for (String other : hands.others(old)) {
      String host = hands.address(old).host();
      assertThat(
              hands.sql(
                  other,
                  "SELECT count(*) FROM pg_stat_activity WHERE client_addr = '" + host + "'"))
          .as("sessions of " + old + " on " + other)
          .isEqualTo("0");
    }
  }

  private void awaitRejoined() throws Exception {
    log.await(StandbyAttached.class, e -> e.standby().equals(old));
    stack.awaitWhole();
  }

  private void assertNothingLost() throws Exception {
    awaitTraffic();
    bank.stop();
    hands.sql(log.group(0).primary(), "SELECT recover_prepared_transactions()");
    Awaitility.await().atMost(GENEROUS).until(() -> preparedOnWorkers() == 0);
    bank.assertExact();
    assertThat(app("SELECT count(*) FROM planted"))
        .as("the successor's two-phase commit, and nothing of the old coordinator's")
        .isEqualTo("1");
  }

  private int preparedOnWorkers() throws Exception {
    int all = 0;
    for (int group : List.of(1, 2)) {
      all +=
          Integer.parseInt(
              hands.sql(log.group(group).primary(), "SELECT count(*) FROM pg_prepared_xacts"));
    }
    return all;
  }

  /**
   * An update of all rows that waits for the standby, once its parts are prepared on all workers.
   */
  private Process hangingUpdate(String table) throws Exception {
    Process session =
        hands.appSession(old, table, List.of("UPDATE " + table + " SET cnt = cnt + 1"));
    String waits =
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND application_name = '"
            + table
            + "'";
    Awaitility.await().atMost(GENEROUS).until(() -> hands.sql(old, waits), "1"::equals);
    return session;
  }

  private static String endOf(String function, String session) {
    return "SELECT %s(pid) FROM pg_stat_activity WHERE application_name = '%s'"
        .formatted(function, session);
  }

  /** The danger: a worker that lets it in obeys. */
  private void assertThatWithoutTheFenceItRollsBackWhatItsSuccessorCommits() throws Exception {
    makePlanted();
    try (PlantedCommit planted = plant()) {
      hands.letEverybodyIn(log.group(1).primary());
      awaitRolledBack(planted);
      planted.commit();
    }
    assertThat(app("SELECT count(*) FROM planted")).isEqualTo("0");
  }

  /** Its recovery is refused until the worker has read its rules anew; then it hangs at its end. */
  private void awaitRolledBack(PlantedCommit planted) throws Exception {
    String recover = "SELECT recover_prepared_transactions()";
    AtomicReference<Process> recovery = new AtomicReference<>(hands.startSql(old, recover));
    Awaitility.await()
        .atMost(GENEROUS)
        .until(() -> {
          if (!recovery.get().isAlive()) {
            recovery.set(hands.startSql(old, recover));
          }
          return !planted.isPending();
        });
    recovery.get().destroyForcibly();
  }

  private void assertNothingHalf() throws Exception {
    assertThat(app("SELECT string_agg(DISTINCT cnt::text, ',') FROM unfenced"))
        .as("what was let through while the workers still obeyed")
        .isEqualTo("1");
    for (String table : List.of("cancelled", "terminated")) {
      assertThat(app("SELECT string_agg(DISTINCT cnt::text, ',') FROM " + table))
          .as("rows of %s, all rolled back by the successor", table)
          .isEqualTo("0");
    }
    assertThat(app("SELECT string_agg(k::text, ',') FROM single WHERE k >= 100"))
        .as("what was acknowledged, and what was refused")
        .isEqualTo("100");
  }
}
