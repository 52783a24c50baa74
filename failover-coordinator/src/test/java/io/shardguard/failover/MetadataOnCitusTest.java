package io.shardguard.failover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.shardguard.events.Event;
import io.shardguard.events.MemberAddress;
import io.shardguard.events.TransitionEvent.MetadataSynced;
import io.shardguard.events.TransitionEvent.MetadataUpdated;
import io.shardguard.failover.core.Action;
import io.shardguard.failover.core.Action.LookForSync;
import io.shardguard.failover.core.Action.UpdateMetadata;
import io.shardguard.postgres.Login;
import io.shardguard.postgres.PgSession;
import io.shardguard.testkit.PostgresServer;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which word of the coordinator DDL can be sure of after a worker's failover; on real Citus. */
class MetadataOnCitusTest {

  private static final String DATABASE = "postgres";
  private static final Duration GENEROUS = Duration.ofSeconds(120);
  private static final LookForSync LOOK = new LookForSync(1, "t", "c", Set.of(0, 1, 2));

  private final Vertx vertx = Vertx.vertx();
  private final List<PostgresServer> servers = new ArrayList<>();
  private PostgresServer coordinator;
  private PostgresServer successor;

  /** A coordinator and two workers; the first worker's place is taken over. */
  @BeforeEach
  void takeOver() {
    assumeTrue(
        PostgresServer.citusAvailable(),
        "NOT RUN: Citus is not installed for PostgreSQL 15 on this machine");
    coordinator = citus("c");
    PostgresServer worker = citus("w-1a");
    PostgresServer other = citus("w-2a");
    coordinator.execute(
        DATABASE,
        "SELECT citus_set_coordinator_host('%s', %d)"
            .formatted(coordinator.host(), coordinator.port()));
    for (PostgresServer node : List.of(worker, other)) {
      coordinator.execute(
          DATABASE, "SELECT citus_add_node('%s', %d)".formatted(node.host(), node.port()));
    }
    coordinator.execute(
        DATABASE,
        "CREATE TABLE before (k int PRIMARY KEY)",
        "SELECT create_distributed_table('before', 'k', shard_count => 4)");
    successor = worker.standby("w-1b").start();
    servers.add(successor);
    String flushed = worker.value(DATABASE, "SELECT pg_current_wal_flush_lsn()");
    Awaitility.await()
        .atMost(GENEROUS)
        .until(
            () -> successor.value(DATABASE, "SELECT pg_last_wal_replay_lsn() >= '" + flushed + "'"),
            "t"::equals);
    worker.kill();
    successor.promote();
  }

  @AfterEach
  void stop() {
    servers.forEach(PostgresServer::close);
    vertx.close();
  }

  @Test
  void ddlWorksAtOnceWhenTheCoordinatorSaysSoAndIsRefusedBefore() throws Exception {
    try (Connection holder = successor.connect(DATABASE);
        Statement lock = holder.createStatement()) {
      // Citus cannot write its metadata on this worker for now.
      holder.setAutoCommit(false);
      lock.execute("LOCK TABLE pg_dist_node IN SHARE MODE");
      assertThat(tellCoordinator()).get().isInstanceOf(MetadataUpdated.class);

      assertThat(carryOut(LOOK)).isEmpty();
      assertThatThrownBy(this::ddl).hasMessageContaining("out of sync");
      assertThat(carryOut(new LookForSync(1, "t", "c", Set.of(0))))
          .as("a worker that is away does not count")
          .get()
          .isInstanceOf(MetadataSynced.class);
      holder.rollback();
    }

    Awaitility.await().atMost(GENEROUS).until(() -> carryOut(LOOK).isPresent());
    ddl();
  }

  private void ddl() {
    coordinator.execute(
        DATABASE,
        "CREATE TABLE IF NOT EXISTS after (k int PRIMARY KEY)",
        "SELECT create_distributed_table('after', 'k', shard_count => 4)",
        "ALTER TABLE before ADD COLUMN v int");
  }

  private Optional<Event> tellCoordinator() throws Exception {
    MemberAddress address = new MemberAddress(successor.name(), successor.host(), successor.port());
    return carryOut(new UpdateMetadata(1, "t", "c", Map.of(1, address)));
  }

  private Optional<Event> carryOut(Action action) throws Exception {
    FailoverConfig.Failover bounds = Configs.generous(Path.of("none")).failover();
    Login login =
        new Login(
            "postgres", PostgresServer.PASSWORD, DATABASE, "shardguard-failover-coordinator/test");
    try (PgSession session =
        PgSession.await(
            PgSession.open(
                vertx, coordinator.host(), coordinator.port(), login, Duration.ofSeconds(30)))) {
      return new Carrier(bounds, session).carryOut(action);
    }
  }

  private PostgresServer citus(String name) {
    PostgresServer server =
        PostgresServer.named(name)
            .setting("shared_preload_libraries", "citus")
            .setting("citus.node_conninfo", "sslmode=prefer")
            .setting("citus.metadata_sync_interval", "2s")
            .setting("citus.metadata_sync_retry_interval", "1s")
            .start();
    servers.add(server);
    server.execute(DATABASE, "CREATE EXTENSION citus");
    return server;
  }
}
