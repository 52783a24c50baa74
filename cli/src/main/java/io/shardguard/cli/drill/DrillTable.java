package io.shardguard.cli.drill;

import io.shardguard.cli.local.Sql;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The drills' own distributed table. No uniqueness: a row that is there twice is to be found, not
 * refused.
 */
final class DrillTable {

  private static final String INSERT =
      "INSERT INTO shardguard_drill (run, id, key) VALUES (?, ?, ?)";

  private static final String OWNERS_ON_CITUS =
      """
      SELECT key, node.groupid
        FROM generate_series(0, ? - 1) AS key
        JOIN citus_shards AS shard ON shard.shardid = get_shard_id_for_distribution_column('shardguard_drill', key)
        JOIN pg_dist_node AS node ON node.nodename = shard.nodename AND node.nodeport = shard.nodeport
      """;

  /** The stand-in's shards are partitions: a row says itself in which one it lies. */
  private static final String OWNERS_ON_STAND_IN =
      """
      SELECT DISTINCT drill.key, node.groupid
        FROM shardguard_drill AS drill
        JOIN citus_standin.shard AS shard ON shard.leaf = drill.tableoid
        JOIN pg_dist_node AS node ON node.nodeid = shard.nodeid
       WHERE drill.run = ?
      """;

  private final long run;

  /**
   * The table, for one drill.
   *
   * @param run tells the rows of this drill from those of others
   */
  DrillTable(long run) {
    this.run = run;
  }

  /** Makes and distributes the table unless it is there. */
  void make(Connection session) throws SQLException {
    try (Statement statement = session.createStatement()) {
      statement.execute(
          "CREATE TABLE IF NOT EXISTS shardguard_drill (run bigint NOT NULL, id bigint NOT NULL, key int NOT NULL)");
      if (Sql.text(
              session,
              "SELECT 1 FROM citus_shards WHERE table_name = 'shardguard_drill'::regclass LIMIT 1")
          == null) {
        statement.execute("SELECT create_distributed_table('shardguard_drill', 'key')");
      }
    }
  }

  /** The keys from 0 to {@code keys - 1} by the group that holds their shard. */
  Map<Integer, List<Integer>> owners(Connection session, int keys) throws SQLException {
    boolean citus = Sql.text(session, "SELECT citus_version()").startsWith("Citus");
    if (!citus) {
      try (PreparedStatement insert = insert(session)) {
        for (int key = 0; key < keys; key++) {
          write(insert, -1 - key, key);
        }
      }
    }
    Map<Integer, List<Integer>> owners = new TreeMap<>();
    try (PreparedStatement query =
        session.prepareStatement(citus ? OWNERS_ON_CITUS : OWNERS_ON_STAND_IN)) {
      if (citus) {
        query.setInt(1, keys);
      } else {
        query.setLong(1, run);
      }
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          owners.computeIfAbsent(rows.getInt(2), group -> new ArrayList<>()).add(rows.getInt(1));
        }
      }
    }
    return owners;
  }

  PreparedStatement insert(Connection session) throws SQLException {
    return session.prepareStatement(INSERT);
  }

  void write(PreparedStatement insert, long id, int key) throws SQLException {
    insert.clearWarnings();
    insert.setLong(1, run);
    insert.setLong(2, id);
    insert.setInt(3, key);
    insert.executeUpdate();
  }

  /** The ids of every row that the writers of this drill made. */
  List<Long> ids(Connection session) throws SQLException {
    List<Long> ids = new ArrayList<>();
    try (PreparedStatement query =
        session.prepareStatement("SELECT id FROM shardguard_drill WHERE run = ? AND id >= 0")) {
      query.setLong(1, run);
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          ids.add(rows.getLong(1));
        }
      }
    }
    return ids;
  }

  /** Removes this drill's rows. */
  void clear(Connection session) throws SQLException {
    try (PreparedStatement delete =
        session.prepareStatement("DELETE FROM shardguard_drill WHERE run = ?")) {
      delete.setLong(1, run);
      delete.executeUpdate();
    }
  }
}
