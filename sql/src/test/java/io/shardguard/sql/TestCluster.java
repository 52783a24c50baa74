package io.shardguard.sql;

import java.util.ArrayList;
import java.util.List;

import io.shardguard.testkit.PostgresServer;
import io.shardguard.testkit.ServerSpec;

/** A coordinator and workers with a database {@code citus} owned by role {@code app}, joined to one cluster. */
final class TestCluster implements AutoCloseable {

    static final String DATABASE = "citus";

    private final List<PostgresServer> servers = new ArrayList<>();

    private TestCluster() {
    }

    static TestCluster ofStandIn(int workers) {
        return build(workers, false);
    }

    static TestCluster ofCitus(int workers) {
        return build(workers, true);
    }

    private static TestCluster build(int workers, boolean citus) {
        TestCluster cluster = new TestCluster();
        try {
            for (int group = 0; group <= workers; group++) {
                cluster.servers.add(cluster.member("group-" + group, citus));
            }
            cluster.join();
            return cluster;
        } catch (RuntimeException e) {
            cluster.close();
            throw e;
        }
    }

    private PostgresServer member(String name, boolean citus) {
        ServerSpec spec = PostgresServer.named(name);
        if (citus) {
            spec.setting("shared_preload_libraries", "citus").setting("wal_level", "logical")
                    .setting("citus.node_conninfo", "sslmode=prefer");
        }
        PostgresServer server = spec.start();
        server.execute("postgres",
                "CREATE ROLE app LOGIN PASSWORD '" + PostgresServer.PASSWORD + "'",
                "CREATE DATABASE " + DATABASE + " OWNER app");
        server.execute(DATABASE, "CREATE EXTENSION postgis", "GRANT CREATE ON SCHEMA public TO app");
        if (citus) {
            server.execute(DATABASE, "CREATE EXTENSION citus");
        } else {
            server.execute(DATABASE, StandIn.scripts().toArray(String[]::new));
        }
        return server;
    }

    private void join() {
        coordinator().execute(DATABASE, "SELECT citus_set_coordinator_host('%s', %d)"
                .formatted(coordinator().host(), coordinator().port()));
        for (PostgresServer worker : workers()) {
            coordinator().execute(DATABASE,
                    "SELECT citus_add_node('%s', %d)".formatted(worker.host(), worker.port()));
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
