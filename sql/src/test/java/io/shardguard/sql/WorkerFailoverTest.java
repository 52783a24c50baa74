package io.shardguard.sql;

import static io.shardguard.sql.TestCluster.DATABASE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.shardguard.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * One worker and its standby: what sessions on the coordinator see when the worker's row is
 * changed.
 */
class WorkerFailoverTest {

  private TestCluster cluster;
  private PostgresServer old;
  private PostgresServer standby;

  @BeforeEach
  void start() {
    cluster = TestCluster.ofStandIn(1);
    old = cluster.workers().get(0);
    cluster.runAsApp(
        "CREATE TABLE facts (k int PRIMARY KEY, v text)",
        "SELECT create_distributed_table('facts', 'k', shard_count => 2)",
        "INSERT INTO facts SELECT n, 'before' FROM generate_series(1, 10) AS n");
    standby = old.standby("worker-1b").start();
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() ->
            "0"
                .equals(
                    old.value(
                        DATABASE,
                        "SELECT pg_current_wal_flush_lsn() - replay_lsn FROM pg_stat_replication")));
  }

  @AfterEach
  void stop() {
    if (standby != null) {
      standby.close();
    }
    cluster.close();
  }

  @Test
  void anOpenSessionGoesToTheNewPrimaryAtItsNextTransactionWhileTheOldOneStillLives()
      throws SQLException {
    try (Connection session = cluster.coordinator().connect("app", DATABASE);
        Statement sql = session.createStatement()) {
      assertThat(one(sql, "SELECT count(*) FROM facts")).isEqualTo("10");
      standby.promote();
      update(standby, false);
      sql.execute("UPDATE facts SET v = 'after'");
      assertThat(one(sql, "SELECT count(*) FROM facts WHERE v = 'after'")).isEqualTo("10");
    }
    assertThat(valuesOn(standby)).isEqualTo("after");
    assertThat(valuesOn(old)).isEqualTo("before");
  }

  @Test
  void aDeadOldPrimaryDoesNotHoldUpTheUpdateAndWritesGoOn() throws SQLException {
    try (Connection session = cluster.coordinator().connect("app", DATABASE);
        Statement sql = session.createStatement()) {
      sql.execute("UPDATE facts SET v = 'seen' WHERE k = 1");
      awaitReplay();
      old.kill();
      assertThatThrownBy(() -> sql.execute("UPDATE facts SET v = 'lost' WHERE k = 1"))
          .hasMessageContaining("could not connect to server");
      standby.promote();
      Instant before = Instant.now();
      update(standby, true);
      update(standby, true);
      assertThat(Duration.between(before, Instant.now())).isLessThan(Duration.ofSeconds(3));
      sql.execute("UPDATE facts SET v = 'after' WHERE k = 1");
      assertThat(one(sql, "SELECT v FROM facts WHERE k = 1")).isEqualTo("after");
    }
    assertThat(
            standby.value(
                DATABASE, "SELECT citus_update_node(2, '127.0.0.1', " + standby.port() + ")"))
        .isEmpty();
    assertThat(standby.value(DATABASE, "SELECT nodeport FROM pg_dist_node WHERE nodeid = 2"))
        .isEqualTo("" + standby.port());
  }

  @Test
  void writersWaitForAnOpenUpdateAndReadersDoNot() throws SQLException {
    try (Connection controller = cluster.coordinator().connect(DATABASE);
        Statement lock = controller.createStatement();
        Connection session = cluster.coordinator().connect("app", DATABASE);
        Statement sql = session.createStatement()) {
      controller.setAutoCommit(false);
      standby.promote();
      lock.execute(updateSql(standby, false));
      assertThat(one(sql, "SELECT count(*) FROM facts")).isEqualTo("10");
      sql.execute("SET lock_timeout = '200ms'");
      assertThatThrownBy(() -> sql.execute("UPDATE facts SET v = 'after'"))
          .hasMessageContaining("lock timeout");
      controller.commit();
      sql.execute("UPDATE facts SET v = 'after'");
    }
    assertThat(valuesOn(standby)).isEqualTo("after");
  }

  @Test
  void anOpenWriterHoldsUpAnUpdateUntilForceEndsIt() throws SQLException {
    try (Connection session = cluster.coordinator().connect("app", DATABASE);
        Statement sql = session.createStatement()) {
      session.setAutoCommit(false);
      sql.execute("UPDATE facts SET v = 'open'");
      assertThatThrownBy(() ->
              cluster
                  .coordinator()
                  .execute(DATABASE, "SET lock_timeout = '200ms'; " + updateSql(standby, false)))
          .hasMessageContaining("lock timeout");
      Instant before = Instant.now();
      update(standby, true);
      assertThat(Duration.between(before, Instant.now())).isLessThan(Duration.ofSeconds(3));
      assertThatThrownBy(() -> sql.execute("SELECT 1"))
          .hasMessageContaining("terminating connection due to administrator command");
    }
  }

  @Test
  void aSessionThatHangsOnAFrozenOldPrimaryHoldsUpAForcedUpdateForASecondAtMost()
      throws SQLException {
    try (Connection session = cluster.coordinator().connect("app", DATABASE);
        Statement sql = session.createStatement()) {
      session.setAutoCommit(false);
      sql.execute("UPDATE facts SET v = 'open'");
      old.freeze();
      try {
        Thread hanging = Thread.ofPlatform().daemon().start(() -> failsInTheEnd(sql));
        await()
            .atMost(Duration.ofSeconds(30))
            .until(() ->
                "1"
                    .equals(
                        cluster.asSuperuser(
                            "SELECT count(*)"
                                + " FROM pg_stat_activity WHERE usename = 'app' AND state = 'active' AND wait_event IS NOT NULL")));
        standby.promote();
        Instant before = Instant.now();
        update(standby, true);
        assertThat(Duration.between(before, Instant.now())).isLessThan(Duration.ofSeconds(5));
        cluster.runAsApp("INSERT INTO facts VALUES (11, 'after')");
        assertThat(hanging.isAlive()).isTrue();
      } finally {
        old.kill(); // before the session is closed, which waits for its statement
      }
    }
    assertThat(standby.value(DATABASE, "SELECT v FROM " + shardOf(11) + " WHERE k = 11"))
        .isEqualTo("after");
  }

  private static void failsInTheEnd(Statement sql) {
    try {
      sql.execute("UPDATE facts SET v = 'never'");
    } catch (SQLException terminated) {
      // the forced update ends this session
    }
  }

  @Test
  void aRoleThatWasGrantedTheFunctionNeedNotBeASuperuser() {
    cluster
        .coordinator()
        .execute(
            DATABASE,
            "CREATE ROLE controller LOGIN PASSWORD 'a-password-for-tests'",
            "GRANT EXECUTE ON FUNCTION citus_update_node(int, text, int, bool, int) TO controller");
    cluster.coordinator().executeAs("controller", DATABASE, updateSql(standby, true));
    assertThat(cluster.asApp("SELECT nodeport FROM pg_dist_node WHERE nodeid = 2"))
        .isEqualTo("" + standby.port());
  }

  private void awaitReplay() {
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() ->
            "seen"
                .equals(
                    standby.value(DATABASE, "SELECT max(v) FROM " + shardOf(1) + " WHERE k = 1")));
  }

  private String shardOf(int key) {
    return cluster.asApp(
        "SELECT substring(tableoid::regclass::text FROM '[^.]+$') FROM facts WHERE k = " + key);
  }

  private void update(PostgresServer target, boolean force) {
    cluster.coordinator().execute(DATABASE, updateSql(target, force));
  }

  private static String updateSql(PostgresServer target, boolean force) {
    return "SELECT citus_update_node(2, '%s', %d, %b, 0)"
        .formatted(target.host(), target.port(), force);
  }

  private String valuesOn(PostgresServer worker) {
    return worker.value(DATABASE, "SELECT string_agg(DISTINCT v, ' ') FROM " + shardOf(1));
  }

  private static String one(Statement sql, String query) throws SQLException {
    try (ResultSet rows = sql.executeQuery(query)) {
      rows.next();
      return rows.getString(1);
    }
  }
}
