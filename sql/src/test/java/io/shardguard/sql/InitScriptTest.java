package io.shardguard.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.shardguard.testkit.Command;
import io.shardguard.testkit.PostgresServer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class InitScriptTest {

  @Test
  void loadsOnceAndMendsAHalfLoadOnTheStandIn() {
    try (TestCluster cluster = TestCluster.ofStandInWithPostgis(2)) {
      loadsOnceAndMendsAHalfLoad(cluster);
    }
  }

  @Test
  void loadsOnceAndMendsAHalfLoadOnCitus() {
    if (!PostgresServer.citusAvailable()) {
      System.err.println(
          "SKIPPED: Citus is not installed here; init.sql was tested on the stand-in only");
    }
    assumeTrue(PostgresServer.citusAvailable(), "Citus is not installed");
    try (TestCluster cluster = TestCluster.ofCitusWithPostgis(2)) {
      loadsOnceAndMendsAHalfLoad(cluster);
    }
  }

  private static void loadsOnceAndMendsAHalfLoad(TestCluster cluster) {
    assertThat(run(cluster))
        .contains(
            "loading 8000 of 8000 rows over 100 region codes",
            "chunk 4 of 4",
            "Vehicles seen within 5 km",
            "(10 rows)");
    assertThat(counts(cluster)).isEqualTo("8000 8000 100");

    assertThat(run(cluster))
        .contains("already holds the 8000 rows: nothing to load")
        .doesNotContain("chunk");
    assertThat(counts(cluster)).isEqualTo("8000 8000 100");

    cluster.runAsApp("DELETE FROM vehicle_locations WHERE id BETWEEN 3000 AND 3999");
    assertThat(run(cluster))
        .contains("loading 1000 of 8000 rows", "chunk 2 of 4")
        .doesNotContain("chunk 1 of 4");
    assertThat(counts(cluster)).isEqualTo("8000 8000 100");

    assertThat(
            cluster.asApp(
                "INSERT INTO vehicle_locations (vehicle_id, location, recorded_at, region_code)"
                    + " VALUES (1, 'SRID=4326;POINT(-73.75 40.95)', now(), 'NYC-00001') RETURNING id > 8000"))
        .isEqualTo("t");
  }

  private static String counts(TestCluster cluster) {
    return cluster.asApp(
        "SELECT count(*) || ' ' || count(DISTINCT id) || ' ' || count(DISTINCT region_code)"
            + " FROM vehicle_locations");
  }

  private static String run(TestCluster cluster) {
    Command psql =
        Command.run(
            Map.of(),
            List.of(
                "psql",
                "-X",
                "-d",
                cluster.coordinator().conninfo("app", TestCluster.DATABASE),
                "-v",
                "rows=8000",
                "-v",
                "regions=100",
                "-f",
                Path.of("init.sql").toAbsolutePath().toString()));
    assertThat(psql.exitCode()).as(psql.output()).isZero();
    return psql.output();
  }
}
