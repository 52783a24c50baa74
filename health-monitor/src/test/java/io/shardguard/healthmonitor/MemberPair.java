package io.shardguard.healthmonitor;

import static org.awaitility.Awaitility.await;

import io.shardguard.events.MemberAddress;
import io.shardguard.events.ProvisionerEvent.ClusterDeclared;
import io.shardguard.events.ProvisionerEvent.Engine;
import io.shardguard.events.ProvisionerEvent.Group;
import io.shardguard.testkit.PostgresServer;
import java.time.Duration;
import java.util.List;

/**
 * A primary with a streaming standby, both with the monitor's role and the database {@code citus}.
 */
public final class MemberPair implements AutoCloseable {

  private final PostgresServer primary;
  private final PostgresServer standby;

  private MemberPair(PostgresServer primary, PostgresServer standby) {
    this.primary = primary;
    this.standby = standby;
  }

  /** Starts the pair and waits until the standby streams. */
  public static MemberPair start(String primaryName, String standbyName) {
    PostgresServer primary = PostgresServer.start(primaryName);
    prepare(primary);
    PostgresServer standby = primary.standby(standbyName).start();
    MemberPair pair = new MemberPair(primary, standby);
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() ->
            "streaming"
                .equals(primary.value("postgres", "SELECT max(state) FROM pg_stat_replication")));
    return pair;
  }

  /** Makes the monitor's role and its database. */
  public static void prepare(PostgresServer server) {
    server.execute(
        "postgres",
        "CREATE ROLE shardguard_monitor LOGIN PASSWORD '"
            + PostgresServer.PASSWORD
            + "' IN ROLE pg_monitor",
        "CREATE DATABASE citus");
  }

  /** The member that takes writes at first. */
  public PostgresServer primary() {
    return primary;
  }

  /** The member that streams from it. */
  public PostgresServer standby() {
    return standby;
  }

  /** The declaration of a cluster with this pair as its only group. */
  public ClusterDeclared declaration(int group) {
    List<MemberAddress> members = List.of(address(primary), address(standby));
    return new ClusterDeclared(List.of(new Group(group, members)), Engine.STAND_IN, "test");
  }

  /** A server's address under its name. */
  public static MemberAddress address(PostgresServer server) {
    return new MemberAddress(server.name(), server.host(), server.port());
  }

  @Override
  public void close() {
    standby.close();
    primary.close();
  }
}
