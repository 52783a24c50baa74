package io.shardguard.cli.drill;

import io.shardguard.cli.drill.ShardPlaces.Place;
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
public final class DrillTable {

  private static final String INSERT =
      "INSERT INTO shardguard_drill (run, id, key) VALUES (?, ?, ?)";

  private final long run;

  /**
   * The table, for one drill.
   *
   * @param run tells the rows of this drill from those of others
   */
  public DrillTable(long run) {
    this.run = run;
  }

  /** Makes and distributes the table unless it is there. */
  public void make(Connection session) throws SQLException {
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
  public Map<Integer, List<Integer>> owners(Connection session, int keys) throws SQLException {
    if (!ShardPlaces.citus(session)) {
      try (PreparedStatement insert = insert(session)) {
        for (int key = 0; key < keys; key++) {
          write(insert, -1 - key, key);
        }
      }
    }
    Map<Integer, List<Integer>> owners = new TreeMap<>();
    for (Place place : ShardPlaces.of(session, "shardguard_drill", run, keys)) {
      owners.computeIfAbsent(place.group(), group -> new ArrayList<>()).add(place.key());
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
  public List<Long> ids(Connection session) throws SQLException {
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
  public void clear(Connection session) throws SQLException {
    try (PreparedStatement delete =
        session.prepareStatement("DELETE FROM shardguard_drill WHERE run = ?")) {
      delete.setLong(1, run);
      delete.executeUpdate();
    }
  }
}
