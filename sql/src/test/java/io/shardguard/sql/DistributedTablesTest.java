package io.shardguard.sql;

import static io.shardguard.sql.TestCluster.DATABASE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DistributedTablesTest {

  private static final String PLACES =
      "CREATE TABLE places (id bigserial, region text NOT NULL,"
          + " size int DEFAULT 7 CHECK (size > 0), spot geometry(Point, 4326), PRIMARY KEY (region, id))";
  private static final String SHARDS_ON_WORKERS =
      "SELECT sum(result::int) FROM run_command_on_workers("
          + "'SELECT count(*) FROM pg_tables WHERE tablename LIKE ''places\\_%''')";

  private static TestCluster cluster;

  @BeforeAll
  static void start() {
    cluster = TestCluster.ofStandInWithPostgis(3);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @AfterEach
  void drop() {
    cluster
        .coordinator()
        .execute(DATABASE, "DROP TABLE IF EXISTS places CASCADE", "DROP TABLE IF EXISTS kinds");
  }

  @Test
  void rowsThatWereThereMoveToTheShardsOfAllWorkers() {
    cluster.runAsApp(
        PLACES,
        "INSERT INTO places (region) SELECT 'r' || n FROM generate_series(1, 500) AS n",
        "SELECT create_distributed_table('places', 'region')");
    assertThat(cluster.asApp("SELECT count(*) FROM places")).isEqualTo("500");
    assertThat(
            cluster.asApp(
                "SELECT count(*) || ' shards on ' || count(DISTINCT nodeport) || ' workers'"
                    + " FROM citus_shards WHERE table_name = 'places'::regclass"))
        .isEqualTo("12 shards on 3 workers");
    assertThat(cluster.asApp("SELECT count(*) FROM ONLY places")).isEqualTo("0");
    assertThat(cluster.asApp(SHARDS_ON_WORKERS)).isEqualTo("12");
  }

  @Test
  void theCallerOrTheSettingSaysHowManyShards() {
    cluster.runAsApp(
        PLACES, "SELECT create_distributed_table('places', 'region', shard_count => 5)");
    assertThat(cluster.asApp("SELECT shard_count FROM citus_tables")).isEqualTo("5");
    cluster.runAsApp(
        "DROP TABLE places",
        PLACES,
        "SET citus.shard_count = 4",
        "SELECT create_distributed_table('places', 'region', colocate_with => 'none')");
    assertThat(
            cluster.asApp("SELECT shard_count || ' by ' || distribution_column FROM citus_tables"))
        .isEqualTo("4 by region");
  }

  @Test
  void defaultsSequencesAndChecksGoOn() {
    cluster.runAsApp(
        PLACES,
        "INSERT INTO places (region) VALUES ('before')",
        "SELECT create_distributed_table('places', 'region')");
    assertThat(
            cluster.asApp(
                "INSERT INTO places (region) VALUES ('after') RETURNING id || ' ' || size"))
        .isEqualTo("2 7");
    assertThatThrownBy(() -> cluster.runAsApp("INSERT INTO places (region, size) VALUES ('x', 0)"))
        .hasMessageContaining("violates check constraint");
    cluster.runAsApp("DROP TABLE places");
    assertThat(cluster.asApp("SELECT to_regclass('places_id_seq') IS NULL")).isEqualTo("t");
  }

  @Test
  void thePrimaryKeyIsCheckedOnTheShards() {
    cluster.runAsApp(
        PLACES,
        "SELECT create_distributed_table('places', 'region')",
        "INSERT INTO places (region, id) VALUES ('r', 1)");
    assertThatThrownBy(() -> cluster.runAsApp("INSERT INTO places (region, id) VALUES ('r', 1)"))
        .hasMessageContaining("duplicate key value violates unique constraint");
  }

  @Test
  void indexesMadeBeforeAndAfterAreOnEveryShard() {
    cluster.runAsApp(
        PLACES,
        "CREATE INDEX places_spot ON places USING gist (spot)",
        "SELECT create_distributed_table('places', 'region')",
        "CREATE INDEX places_size ON places (size)");
    assertThat(
            cluster.asApp(
                "SELECT sum(result::int) FROM run_command_on_workers('SELECT count(*) FROM pg_indexes"
                    + " WHERE indexdef LIKE ''%places\\_1%USING gist (spot)'' OR indexdef LIKE ''%USING btree (size)''')"))
        .isEqualTo("24");
    assertThat(cluster.asApp("SELECT count(*) FROM pg_indexes WHERE tablename = 'places'"))
        .isEqualTo("2");
  }

  @Test
  void otherRolesKeepTheirPrivilegesAndGetNoOthers() {
    for (var server :
        List.of(
            cluster.coordinator(),
            cluster.workers().get(0),
            cluster.workers().get(1),
            cluster.workers().get(2))) {
      server.execute(DATABASE, "CREATE ROLE reader LOGIN PASSWORD 'a-password-for-tests'");
    }
    cluster.runAsApp(
        PLACES,
        "GRANT SELECT ON places TO reader",
        "SELECT create_distributed_table('places', 'region')",
        "INSERT INTO places (region) VALUES ('r')");
    assertThat(cluster.coordinator().valueAs("reader", DATABASE, "SELECT count(*) FROM places"))
        .isEqualTo("1");
    assertThatThrownBy(
            () -> cluster.coordinator().executeAs("reader", DATABASE, "DELETE FROM places"))
        .hasMessageContaining("permission denied for table places");
  }

  @Test
  void aTableOfSomebodyElseIsNotDistributed() {
    cluster
        .coordinator()
        .execute(DATABASE, "CREATE TABLE places (region text)", "GRANT ALL ON places TO app");
    assertThatThrownBy(
            () -> cluster.runAsApp("SELECT create_distributed_table('places', 'region')"))
        .hasMessageContaining("must be owner of table places");
  }

  @Test
  void droppingTheTableDropsItsShards() {
    cluster.runAsApp(
        PLACES, "SELECT create_distributed_table('places', 'region')", "DROP TABLE places");
    assertThat(cluster.asApp(SHARDS_ON_WORKERS)).isEqualTo("0");
  }

  @Test
  void sizeIsTheSumOfTheShards() {
    cluster.runAsApp(
        PLACES,
        "SELECT create_distributed_table('places', 'region')",
        "INSERT INTO places (region) SELECT 'r' || n FROM generate_series(1, 500) AS n");
    assertThat(Long.parseLong(cluster.asApp("SELECT citus_total_relation_size('places')")))
        .isGreaterThan(100_000);
  }

  @Test
  void referenceTablesJoinWithDistributedOnes() {
    cluster.runAsApp(
        PLACES,
        "SELECT create_distributed_table('places', 'region')",
        "CREATE TABLE kinds (size int PRIMARY KEY, kind text)",
        "SELECT create_reference_table('kinds')",
        "INSERT INTO kinds VALUES (7, 'small')",
        "INSERT INTO places (region) VALUES ('r')");
    assertThat(cluster.asApp("SELECT kind FROM places JOIN kinds USING (size)")).isEqualTo("small");
    assertThat(
            cluster.asApp(
                "SELECT citus_table_type FROM citus_tables WHERE table_name = 'kinds'::regclass"))
        .isEqualTo("reference");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT rebalance_table_shards()",
        "SELECT citus_rebalance_start()",
        "SELECT citus_move_shard_placement(102008, 'a', 5432, 'b', 5432)",
        "SELECT citus_drain_node('a', 5432)",
        "SELECT create_distributed_function('now()')",
        "SELECT undistribute_table('pg_class')",
        "SELECT citus_add_secondary_node('a', 1, 'b', 2)",
        "SELECT citus_add_node('a', 1, 1, 'secondary')"
      })
  void whatItCannotDoIsRefusedWithAWayOut(String call) {
    assertThatThrownBy(() -> cluster.asSuperuser(call))
        .hasMessageContaining("the stand-in for Citus")
        .hasMessageContaining("Install Citus")
        .cause()
        .hasFieldOrPropertyWithValue("SQLState", "0A000");
  }

  @Test
  void foreignKeysIdentityColumnsAndBadKeysAreRefused() {
    cluster.runAsApp(
        "CREATE TABLE kinds (id int PRIMARY KEY, other int UNIQUE)",
        "CREATE TABLE places (id int GENERATED ALWAYS AS IDENTITY, kind int REFERENCES kinds)");
    assertThatThrownBy(() -> cluster.runAsApp("SELECT create_distributed_table('places', 'kind')"))
        .hasMessageContaining("does not support foreign keys");
    cluster.runAsApp("ALTER TABLE places DROP CONSTRAINT places_kind_fkey");
    assertThatThrownBy(() -> cluster.runAsApp("SELECT create_distributed_table('places', 'kind')"))
        .hasMessageContaining("Use bigserial");
    assertThatThrownBy(() -> cluster.runAsApp("SELECT create_distributed_table('kinds', 'id')"))
        .hasMessageContaining("do not include the partition column");
    assertThatThrownBy(
            () -> cluster.runAsApp("SELECT create_distributed_table('kinds', 'nothing')"))
        .hasMessageContaining("column \"nothing\" of relation \"kinds\" does not exist");
  }

  @Test
  void aDistributedTableIsNeitherDistributedAgainNorAltered() {
    cluster.runAsApp(PLACES, "SELECT create_distributed_table('places', 'region')");
    assertThatThrownBy(
            () -> cluster.runAsApp("SELECT create_distributed_table('places', 'region')"))
        .hasMessageContaining("table \"places\" is already distributed");
    assertThatThrownBy(() -> cluster.runAsApp("ALTER TABLE places ADD COLUMN more int"))
        .hasMessageContaining("does not support ALTER TABLE of a distributed table");
  }

  @Test
  void aWorkerDistributesNothing() {
    assertThatThrownBy(() ->
            cluster
                .workers()
                .get(0)
                .executeAs(
                    "app",
                    DATABASE,
                    "CREATE TABLE here (n int); SELECT create_distributed_table('here', 'n')"))
        .hasMessageContaining("create_distributed_table() works on the coordinator only")
        .hasMessageContaining("Connect to the coordinator");
  }
}
