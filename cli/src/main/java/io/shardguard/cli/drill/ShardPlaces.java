package io.shardguard.cli.drill;

import io.shardguard.cli.local.Sql;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Where the keys of a drill's table lie. The table has the columns {@code run} and {@code key}. */
public final class ShardPlaces {

  private static final String ON_CITUS =
      """
      SELECT key, node.groupid, shard.shardid
        FROM generate_series(0, ? - 1) AS key
        JOIN citus_shards AS shard ON shard.shardid = get_shard_id_for_distribution_column('%1$s', key)
        JOIN pg_dist_node AS node ON node.nodename = shard.nodename AND node.nodeport = shard.nodeport
       ORDER BY key
      """;

  /** The stand-in's shards are partitions: a row says itself in which one it lies. */
  private static final String ON_STAND_IN =
      """
      SELECT DISTINCT drill.key, node.groupid, shard.shardid
        FROM %1$s AS drill
        JOIN citus_standin.shard AS shard ON shard.leaf = drill.tableoid
        JOIN pg_dist_node AS node ON node.nodeid = shard.nodeid
       WHERE drill.run = ?
       ORDER BY drill.key
      """;

  private ShardPlaces() {}

  /** Where one key's rows are. */
  public record Place(int key, int group, long shard) {}

  /** Whether this is a real Citus. */
  public static boolean citus(Connection session) throws SQLException {
    return Sql.text(session, "SELECT citus_version()").startsWith("Citus");
  }

  /**
   * The places of the keys from 0 to {@code keys - 1}.
   *
   * @param run with the stand-in, a row of this run must be there for every key
   */
  public static List<Place> of(Connection session, String table, long run, int keys)
      throws SQLException {
    boolean citus = citus(session);
    List<Place> places = new ArrayList<>();
    try (PreparedStatement query =
        session.prepareStatement((citus ? ON_CITUS : ON_STAND_IN).formatted(table))) {
      query.setLong(1, citus ? keys : run);
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          places.add(new Place(rows.getInt(1), rows.getInt(2), rows.getLong(3)));
        }
      }
    }
    return places;
  }
}
