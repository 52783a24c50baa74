package io.shardguard.sql;

import static io.shardguard.sql.TestCluster.DATABASE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shardguard.testkit.Command;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class NodesTest {

  private static final String ROWS =
      "SELECT string_agg(concat_ws(' ', nodeid, groupid, nodename, nodeport, noderole,"
          + " hasmetadata, isactive, metadatasynced, shouldhaveshards), ', ' ORDER BY groupid) FROM pg_dist_node";

  private static TestCluster cluster;

  @BeforeAll
  static void start() {
    cluster = TestCluster.ofStandIn(2);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void theVersionSaysPlainlyThatThisIsNotCitus() {
    assertThat(cluster.asApp("SELECT citus_version()"))
        .startsWith(StandIn.VERSION_PREFIX)
        .contains("not Citus");
  }

  @Test
  void everyNodeKnowsEveryNodeAndItsOwnGroup() {
    String rows = cluster.asApp(ROWS);
    assertThat(rows)
        .startsWith("1 0 127.0.0.1 " + cluster.coordinator().port() + " primary t t t f, 2 1 ");
    for (int i = 0; i < 2; i++) {
      assertThat(cluster.workers().get(i).valueAs("app", DATABASE, ROWS)).isEqualTo(rows);
      assertThat(
              cluster.workers().get(i).value(DATABASE, "SELECT groupid FROM pg_dist_local_group"))
          .isEqualTo("" + (i + 1));
    }
  }

  @Test
  void addingANodeAgainGivesItsIdAndInstallingAgainKeepsTheRows() {
    String rows = cluster.asApp(ROWS);
    assertThat(
            cluster.asSuperuser(
                "SELECT citus_add_node('127.0.0.1', " + cluster.workers().get(0).port() + ")"))
        .isEqualTo("2");
    cluster.coordinator().execute(DATABASE, StandIn.scripts().toArray(String[]::new));
    assertThat(cluster.asApp(ROWS)).isEqualTo(rows);
  }

  @Test
  void psqlInstallsTheSame() {
    cluster.coordinator().execute("postgres", "CREATE DATABASE by_psql");
    Command psql =
        Command.run(
            Map.of(),
            List.of(
                "psql",
                "-X",
                "-v",
                "ON_ERROR_STOP=1",
                "--single-transaction",
                "-d",
                cluster.coordinator().conninfo("postgres", "by_psql"),
                "-f",
                Path.of("standin/install.sql").toAbsolutePath().toString()));
    assertThat(psql.exitCode()).as(psql.output()).isZero();
    assertThat(cluster.coordinator().value("by_psql", "SELECT citus_version()"))
        .startsWith(StandIn.VERSION_PREFIX);
  }

  @Test
  void activeWorkersAreListedWithoutTheCoordinator() {
    assertThat(
            cluster.asApp(
                "SELECT string_agg(node_port::text, ' ') FROM citus_get_active_worker_nodes()"))
        .isEqualTo(cluster.workers().get(0).port() + " " + cluster.workers().get(1).port());
  }

  @Test
  void commandsRunOnEachWorkerAsTheCallersOwnRole() {
    assertThat(
            cluster.asApp(
                "SELECT string_agg(concat_ws(' ', nodeport, success, result), ', ')"
                    + " FROM run_command_on_workers('SELECT current_user')"))
        .isEqualTo(
            "%d t app, %d t app"
                .formatted(cluster.workers().get(0).port(), cluster.workers().get(1).port()));
  }

  @Test
  void aCommandThatFailsOnAWorkerIsAResultAndNoError() {
    assertThat(
            cluster.asApp(
                "SELECT string_agg(success::text || ' ' || result, ', ')"
                    + " FROM run_command_on_workers('SELECT rolpassword FROM pg_authid')"))
        .contains("false")
        .contains("permission denied for table pg_authid")
        .doesNotContain("true");
  }

  @Test
  void healthIsReportedFromTheCoordinatorToEveryNode() {
    assertThat(
            cluster.asSuperuser(
                "SELECT count(*) || ' ' || bool_and(result) FROM citus_check_cluster_node_health()"))
        .isEqualTo("3 true");
  }

  @Test
  void thereAreNoPreparedTransactionsToRecover() {
    assertThat(cluster.asSuperuser("SELECT recover_prepared_transactions()")).isEqualTo("0");
  }

  @Test
  void updatingAnUnknownNodeIsAnError() {
    assertThatThrownBy(() -> cluster.asSuperuser("SELECT citus_update_node(99, 'x', 1)"))
        .hasMessageContaining("node 99 not found");
  }

  @Test
  void aNodeIsNotMovedOntoAnothersAddress() {
    assertThatThrownBy(() ->
            cluster.asSuperuser(
                "SELECT citus_update_node(2, '127.0.0.1', "
                    + cluster.workers().get(1).port()
                    + ")"))
        .hasMessageContaining("there is already another node with the specified hostname and port");
  }

  @Test
  void theApplicationMayNotChangeNodes() {
    assertThatThrownBy(() -> cluster.asApp("SELECT citus_update_node(2, 'x', 1)"))
        .hasMessageContaining("permission denied for function citus_update_node");
  }

  @Test
  void theApplicationCannotReachAWorkerAsAnotherRole() {
    assertThatThrownBy(() ->
            cluster.runAsApp(
                "ALTER USER MAPPING FOR app SERVER citus_node_2 OPTIONS (SET user 'postgres')"))
        .hasMessageContaining("permission denied for foreign server citus_node_2");
    assertThatThrownBy(() ->
            cluster.asApp(
                "SELECT citus_standin.run_as_superuser('127.0.0.1', "
                    + cluster.workers().get(0).port()
                    + ", 'SELECT 1')"))
        .hasMessageContaining("permission denied for function run_as_superuser");
  }
}
