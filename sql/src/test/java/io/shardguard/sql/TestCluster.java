package io.shardguard.sql;

import io.shardguard.testkit.PostgresServer;
import io.shardguard.testkit.ServerSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * A coordinator and workers with a database {@code citus} owned by role {@code app}, joined to one
 * cluster.
 */
final class TestCluster implements AutoCloseable {

  static final String DATABASE = "citus";

  private enum Kind {
    STAND_IN,
    STAND_IN_WITH_POSTGIS,
    CITUS_WITH_POSTGIS
  }

  private final List<PostgresServer> servers = new ArrayList<>();

  private TestCluster() {}

  static TestCluster ofStandIn(int workers) {
    return build(workers, Kind.STAND_IN);
  }

  static TestCluster ofStandInWithPostgis(int workers) {
    return build(workers, Kind.STAND_IN_WITH_POSTGIS);
  }

  static TestCluster ofCitusWithPostgis(int workers) {
    return build(workers, Kind.CITUS_WITH_POSTGIS);
  }

  private static TestCluster build(int workers, Kind kind) {
    TestCluster cluster = new TestCluster();
    try {
      for (int group = 0; group <= workers; group++) {
        cluster.servers.add(cluster.member("group-" + group, kind));
      }
      cluster.join();
      return cluster;
    } catch (RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  private PostgresServer member(String name, Kind kind) {
    ServerSpec spec = PostgresServer.named(name);
    if (kind == Kind.CITUS_WITH_POSTGIS) {
      spec.setting("shared_preload_libraries", "citus")
          .setting("wal_level", "logical")
          .setting("citus.node_conninfo", "sslmode=prefer");
    }
    PostgresServer server = spec.start();
    server.execute(
        "postgres",
        "CREATE ROLE app LOGIN PASSWORD '" + PostgresServer.PASSWORD + "'",
        "CREATE DATABASE " + DATABASE + " OWNER app");
    server.execute(DATABASE, "GRANT CREATE ON SCHEMA public TO app");
    if (kind != Kind.STAND_IN) {
      server.execute(DATABASE, "CREATE EXTENSION postgis");
    }
    if (kind == Kind.CITUS_WITH_POSTGIS) {
      server.execute(DATABASE, "CREATE EXTENSION citus");
    } else {
      server.execute(DATABASE, StandIn.scripts().toArray(String[]::new));
    }
    return server;
  }

  private void join() {
    coordinator()
        .execute(
            DATABASE,
            "SELECT citus_set_coordinator_host('%s', %d)"
                .formatted(coordinator().host(), coordinator().port()));
    for (PostgresServer worker : workers()) {
      coordinator()
          .execute(
              DATABASE, "SELECT citus_add_node('%s', %d)".formatted(worker.host(), worker.port()));
    }
  }

  PostgresServer coordinator() {
    return servers.get(0);
  }

  List<PostgresServer> workers() {
    return servers.subList(1, servers.size());
  }

  String asSuperuser(String sql) {
    return coordinator().value(DATABASE, sql);
  }

  String asApp(String sql) {
    return coordinator().valueAs("app", DATABASE, sql);
  }

  void runAsApp(String... statements) {
    coordinator().executeAs("app", DATABASE, statements);
  }

  @Override
  public void close() {
    servers.forEach(PostgresServer::close);
  }
}
