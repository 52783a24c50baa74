package io.shardguard.systemtests;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.awaitility.Awaitility;

/**
 * A two-phase commit of a coordinator that stands still at its most delicate point: prepared on a
 * worker, recorded as committed on the coordinator, and the worker not told yet. A coordinator
 * without that record takes it for its own and would roll it back.
 */
final class PlantedCommit implements AutoCloseable {

  private final Connection coordinator;
  private final Connection worker;
  private String name;

  private PlantedCommit(Connection coordinator, Connection worker) {
    this.coordinator = coordinator;
    this.worker = worker;
  }

  /** Inserts the first key of the table {@code planted} that is on the worker, as Citus does it. */
  static PlantedCommit between(MemberHands hands, String coordinator, String worker)
      throws Exception {
    PlantedCommit planted = new PlantedCommit(hands.admin(coordinator), hands.admin(worker));
    planted.plant(hands.address(worker).port());
    return planted;
  }

  /** The coordinator's own recovery leaves it alone, since its transaction is open. */
  private void plant(int port) throws SQLException {
    coordinator.setAutoCommit(false);
    try (Statement origin = coordinator.createStatement();
        Statement receiver = worker.createStatement()) {
      origin.execute("SELECT count(*) FROM planted");
      // No connection of Citus has such a number.
      name =
          text(
              origin,
              "SELECT format('citus_0_%s_%s_999', pg_backend_pid(), transaction_number)"
                  + " FROM get_current_transaction_id()");
      String place =
          """
          SELECT %%s FROM generate_series(1, 64) k
          CROSS JOIN LATERAL get_shard_id_for_distribution_column('planted', k) s (shardid)
          JOIN pg_dist_placement USING (shardid) JOIN pg_dist_node USING (groupid)
          WHERE nodeport = %d ORDER BY k LIMIT 1\
          """
              .formatted(port);
      receiver.execute("BEGIN");
      receiver.execute(
          text(
              origin, place.formatted("format('INSERT INTO planted_%s VALUES (%s)', shardid, k)")));
      receiver.execute("PREPARE TRANSACTION '" + name + "'");
      origin.execute(
          "INSERT INTO pg_dist_transaction (groupid, gid) VALUES ("
              + text(origin, place.formatted("groupid"))
              + ", '"
              + name
              + "')");
    }
  }

  private static String text(Statement statement, String query) throws SQLException {
    try (ResultSet rows = statement.executeQuery(query)) {
      rows.next();
      return rows.getString(1);
    }
  }

  /** The worker has neither committed nor rolled it back. */
  boolean isPending() throws SQLException {
    try (Statement statement = worker.createStatement();
        ResultSet rows =
            statement.executeQuery("SELECT FROM pg_prepared_xacts WHERE gid = '" + name + "'")) {
      return rows.next();
    }
  }

  /** Its coordinator goes on: it is recorded, and settled. */
  void commit() throws SQLException {
    coordinator.commit();
    try (Statement statement = coordinator.createStatement()) {
      statement.execute("SELECT recover_prepared_transactions()");
      coordinator.commit();
    }
    Awaitility.await().until(() -> !isPending());
  }

  @Override
  public void close() throws SQLException {
    coordinator.close();
    worker.close();
  }
}
