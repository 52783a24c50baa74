package io.shardguard.sql;

import static io.shardguard.sql.TestCluster.DATABASE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.shardguard.testkit.PostgresServer;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class CoordinatorFailoverTest {

  @Test
  void aPromotedStandbyOfTheCoordinatorHasEverythingAndReachesTheWorkers() {
    try (TestCluster cluster = TestCluster.ofStandIn(2)) {
      PostgresServer old = cluster.coordinator();
      cluster.runAsApp(
          "CREATE TABLE facts (k bigserial PRIMARY KEY, v text)",
          "SELECT create_distributed_table('facts', 'k')",
          "INSERT INTO facts (v) VALUES ('before')");
      try (PostgresServer standby = old.standby("coordinator-b").start()) {
        await()
            .atMost(Duration.ofSeconds(30))
            .until(
                () -> "1".equals(standby.valueAs("app", DATABASE, "SELECT count(*) FROM facts")));
        old.kill();
        standby.promote();
        standby.execute(
            DATABASE, "SELECT citus_update_node(1, '127.0.0.1', " + standby.port() + ", true, 0)");
        standby.executeAs("app", DATABASE, "INSERT INTO facts (v) VALUES ('after')");
        assertThat(
                standby.valueAs("app", DATABASE, "SELECT string_agg(v, ' ' ORDER BY k) FROM facts"))
            .isEqualTo("before after");
      }
    }
  }
}
