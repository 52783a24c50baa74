package io.shardguard.sql;

import static io.shardguard.sql.TestCluster.DATABASE;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PushdownTest {

  private static final String POINT = "'SRID=4326;POINT(-73.75 40.95)'::geography";

  private static TestCluster cluster;

  @BeforeAll
  static void start() {
    cluster = TestCluster.ofStandInWithPostgis(3);
    cluster.runAsApp(
        "CREATE TABLE seen (id bigserial, region text NOT NULL, spot geometry(Point, 4326))",
        "CREATE INDEX ON seen USING gist (spot)",
        "SELECT create_distributed_table('seen', 'region')",
        "INSERT INTO seen (region, spot) SELECT 'r' || n % 100,"
            + " ST_SetSRID(ST_MakePoint(-74 + random() / 2, 40.7 + random() / 2), 4326)"
            + " FROM generate_series(1, 5000) AS n");
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void distanceFiltersRunOnTheWorkers() throws SQLException {
    assertThat(plan("SELECT id FROM seen WHERE ST_DWithin(spot::geography, " + POINT + ", 5000)"))
        .containsPattern("Remote SQL: SELECT id FROM public\\.seen_\\d+ WHERE .*st_dwithin")
        .doesNotContain("Filter:");
  }

  @Test
  void windowFiltersRunOnTheWorkersByTheirSpatialIndex() throws SQLException {
    String window = "ST_Within(spot, ST_MakeEnvelope(-73.95, 40.80, -73.94, 40.81, 4326))";
    assertThat(plan("SELECT id FROM seen WHERE " + window))
        .containsPattern("Remote SQL: .*st_within")
        .doesNotContain("Filter:");
    String shard = cluster.asApp("SELECT shard_name FROM citus_shards ORDER BY shardid LIMIT 1");
    assertThat(
            plan(
                cluster.workers().get(0).connect("app", DATABASE),
                "SELECT id FROM " + shard + " WHERE " + window))
        .contains("Index Scan");
  }

  @Test
  void groupsByTheDistributionColumnAreCountedOnTheWorkers() throws SQLException {
    assertThat(plan("SELECT region, count(*), max(id) FROM seen GROUP BY region"))
        .containsPattern(
            "Remote SQL: SELECT region, count\\(\\*\\), max\\(id\\) FROM public\\.seen_\\d+ GROUP BY")
        .contains("Async Foreign Scan")
        .doesNotContain("HashAggregate");
  }

  @Test
  void aFilterOnTheDistributionColumnAsksOneShard() throws SQLException {
    assertThat(plan("SELECT id FROM seen WHERE region = 'r1'").split("Remote SQL")).hasSize(2);
  }

  @Test
  void rowsAreInsertedManyAtATime() throws SQLException {
    assertThat(plan("INSERT INTO seen (region) SELECT 'r' || n FROM generate_series(1, 10) AS n"))
        .contains("Insert on public.seen");
    assertThat(
            cluster.asSuperuser(
                "SELECT bool_and('batch_size=1000' = ANY (srvoptions)) FROM pg_foreign_server"))
        .isEqualTo("t");
    cluster
        .workers()
        .forEach(worker ->
            worker.execute(
                DATABASE, "ALTER SYSTEM SET log_statement = 'mod'", "SELECT pg_reload_conf()"));
    cluster.runAsApp("INSERT INTO seen (region) SELECT 'same' FROM generate_series(1, 2500)");
    long inserts =
        cluster.workers().stream()
            .map(worker -> worker.logTail(100_000))
            .flatMap(String::lines)
            .filter(line -> line.contains("INSERT INTO public.seen_"))
            .count();
    assertThat(inserts).isEqualTo(3);
  }

  private static String plan(String query) throws SQLException {
    return plan(cluster.coordinator().connect("app", DATABASE), query);
  }

  private static String plan(Connection opened, String query) throws SQLException {
    StringBuilder plan = new StringBuilder();
    try (Connection connection = opened;
        Statement statement = connection.createStatement();
        ResultSet lines = statement.executeQuery("EXPLAIN (VERBOSE, COSTS OFF) " + query)) {
      while (lines.next()) {
        plan.append(lines.getString(1)).append('\n');
      }
    }
    return plan.toString();
  }
}
