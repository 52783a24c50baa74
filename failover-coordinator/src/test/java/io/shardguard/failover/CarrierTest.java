package io.shardguard.failover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shardguard.events.Event;
import io.shardguard.events.MemberAddress;
import io.shardguard.events.ReplicationEvent.MemberBarred;
import io.shardguard.events.ReplicationEvent.SynchronousArmed;
import io.shardguard.events.ReplicationEvent.SynchronousRelaxed;
import io.shardguard.events.Timeline;
import io.shardguard.events.TransitionEvent.MetadataUpdated;
import io.shardguard.events.TransitionEvent.Outcome;
import io.shardguard.events.TransitionEvent.StandbyPromoted;
import io.shardguard.events.TransitionEvent.StandbySealed;
import io.shardguard.events.TransitionEvent.StepFailed;
import io.shardguard.failover.core.Action;
import io.shardguard.failover.core.Action.Admit;
import io.shardguard.failover.core.Action.ArmSynchronous;
import io.shardguard.failover.core.Action.Bar;
import io.shardguard.failover.core.Action.Promote;
import io.shardguard.failover.core.Action.RelaxSynchronous;
import io.shardguard.failover.core.Action.Seal;
import io.shardguard.failover.core.Action.UpdateMetadata;
import io.shardguard.postgres.Login;
import io.shardguard.postgres.PgSession;
import io.shardguard.testkit.PostgresServer;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each action on a real pair, and each twice: whoever takes over may do it again. */
class CarrierTest {

  private final Vertx vertx = Vertx.vertx();
  private final FailoverConfig.Failover bounds = bounds("30s");
  private PostgresServer primary;
  private PostgresServer standby;

  @BeforeEach
  void startPair() {
    primary = PostgresServer.start("w-a");
    standby = primary.standby("w-b").start();
  }

  @AfterEach
  void stopPair() {
    standby.close();
    primary.close();
    vertx.close();
  }

  @Test
  void aSealedStandbyHasNoWalreceiverAndSaysWhereItsWalEnds() throws Exception {
    Event sealed = twice(standby, new Seal(1, "t", "w-b"));

    assertThat(sealed)
        .isInstanceOfSatisfying(
            StandbySealed.class, event -> assertThat(event.timeline()).isEqualTo(new Timeline(1)));
    assertThat(standby.value("postgres", "SELECT count(*) FROM pg_stat_wal_receiver"))
        .isEqualTo("0");
  }

  @Test
  void aReaderThatBlocksReplayDoesNotHoldUpTheSeal() throws Exception {
    primary.execute("postgres", "CREATE TABLE t (a int)", "INSERT INTO t VALUES (1)");
    try (Connection reader = standby.connect("postgres")) {
      reader.setAutoCommit(false);
      awaitReplayed();
      reader.createStatement().executeQuery("SELECT * FROM t");
      primary.execute("postgres", "DROP TABLE t");

      assertThat(twice(standby, new Seal(1, "t", "w-b"))).isInstanceOf(StandbySealed.class);
    }
  }

  @Test
  void aPrimaryIsNotSealed() throws Exception {
    assertThat(twice(primary, new Seal(1, "t", "w-a")))
        .isInstanceOfSatisfying(
            StepFailed.class, failed -> assertThat(failed.outcome()).isEqualTo(Outcome.FAILED));
  }

  @Test
  void aPromotedMemberWaitsForNobodyAndIsOnTheNextTimeline() throws Exception {
    twice(primary, new ArmSynchronous(1, "w-a", "w-b", Set.of("w-b"), 0));
    twice(standby, new Seal(1, "t", "w-b"));

    Event promoted = twice(standby, new Promote(1, "t", "w-b"));

    assertThat(promoted)
        .isInstanceOfSatisfying(
            StandbyPromoted.class,
            event -> assertThat(event.timeline()).isEqualTo(new Timeline(2)));
    standby.execute("postgres", "CREATE TABLE written_at_once (a int)");
  }

  @Test
  void anArmedPrimaryWaitsForItsStandbyAndARelaxedOneForNobody() throws Exception {
    assertThat(twice(primary, new ArmSynchronous(1, "w-a", "w-b", Set.of("w-b"), 0)))
        .isInstanceOf(SynchronousArmed.class);
    assertThat(primary.value("postgres", "SHOW synchronous_standby_names"))
        .isEqualTo("ANY 1 (\"w-b\")");

    standby.kill();
    assertThat(twice(primary, new RelaxSynchronous(1, "w-a")))
        .isInstanceOf(SynchronousRelaxed.class);
    primary.execute("postgres", "CREATE TABLE written_without_standby (a int)");
  }

  @Test
  void aSettingThatLetsCommitsPassUnsynchronisedIsPutRight() throws Exception {
    primary.execute("postgres", "ALTER SYSTEM SET synchronous_commit = off");
    primary.execute("postgres", "SELECT pg_reload_conf()");

    twice(primary, new ArmSynchronous(1, "w-a", "w-b", Set.of("w-b"), 0));

    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> assertThat(primary.value("postgres", "SHOW synchronous_commit")).isEqualTo("on"));
  }

  @Test
  void aBarredMemberIsCutOffUntilItIsAdmittedAgain() throws Exception {
    MemberAddress old = new MemberAddress("w-old", "127.0.0.99", 5432);
    try (Connection zombie = from(old.host());
        Connection other = primary.connect("postgres")) {
      assertThat(twice(primary, new Bar(1, "w-a", old))).isInstanceOf(MemberBarred.class);
      assertThat(zombie.isValid(10)).isFalse();
      assertThatThrownBy(() -> from(old.host())).hasMessageContaining("pg_hba.conf rejects");
      assertThat(other.isValid(10)).as("nobody else is cut off").isTrue();
    }

    twice(primary, new Admit(1, "w-a", old));
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .ignoreExceptions()
        .until(() -> {
          try (Connection back = from(old.host())) {
            return back.isValid(10);
          }
        });
  }

  private Connection from(String address) throws SQLException {
    String url = primary.jdbcUrl("postgres") + "?loginTimeout=10&localSocketAddress=" + address;
    return DriverManager.getConnection(url, "postgres", PostgresServer.PASSWORD);
  }

  @Test
  void whereThereIsNoMetadataThereIsNothingToUpdate() throws Exception {
    Map<Integer, MemberAddress> primaries = Map.of(1, new MemberAddress("w-b", "127.0.0.2", 1));

    assertThat(twice(primary, new UpdateMetadata(1, "t", "w-a", primaries)))
        .isInstanceOf(MetadataUpdated.class);
  }

  @Test
  void aServerThatHangsIsUnknownNotUndone() throws Exception {
    try (PgSession session = session(primary, "postgres")) {
      primary.freeze();
      Action relax = new RelaxSynchronous(1, "w-a");

      assertThat(new Carrier(bounds("300ms"), session).carryOut(relax))
          .get()
          .isInstanceOfSatisfying(
              StepFailed.class,
              failed -> assertThat(failed.outcome()).isEqualTo(Outcome.TIMED_OUT));
    } finally {
      primary.thaw();
    }
  }

  private static FailoverConfig.Failover bounds(String statementWithin) {
    return Configs.with(Path.of("none"), statementWithin).failover();
  }

  private Event twice(PostgresServer server, Action action) throws Exception {
    try (PgSession session = session(server, "postgres")) {
      Carrier carrier = new Carrier(bounds, session);
      Event first = carrier.carryOut(action).orElseThrow();
      carrier.carryOut(action).ifPresent(again -> assertThat(again).hasSameClassAs(first));
      return first;
    }
  }

  private PgSession session(PostgresServer server, String database) throws Exception {
    Login login =
        new Login(
            "postgres", PostgresServer.PASSWORD, database, "shardguard-failover-coordinator/test");
    return PgSession.await(
        PgSession.open(vertx, server.host(), server.port(), login, Duration.ofSeconds(30)));
  }

  private void awaitReplayed() {
    String flushed = primary.value("postgres", "SELECT pg_current_wal_flush_lsn()");
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() ->
            "t"
                .equals(
                    standby.value(
                        "postgres", "SELECT pg_last_wal_replay_lsn() >= '" + flushed + "'")));
  }
}
