package io.shardguard.healthmonitor.probe;

import io.shardguard.events.Lsn;
import io.shardguard.events.Observation.Downstream;
import io.shardguard.events.Observation.MemberStatus;
import io.shardguard.events.Observation.Upstream;
import io.shardguard.events.Timeline;
import io.vertx.core.json.JsonArray;
import io.vertx.sqlclient.Row;
import java.util.ArrayList;
import java.util.List;

/**
 * The one question to a member, the same for both roles. Prepared once for each session, so that an
 * answer costs the server neither parsing nor planning.
 */
final class StatusQuery {

  /**
   * What raises in one role is guarded by CASE. The timeline of a primary is read from the name of
   * its current WAL file, since the control file lags after a promotion; that of a standby from its
   * walreceiver, else from the newest of what the control file holds. Base backups are no standbys.
   * Of two walsenders to one standby, one of which lingers, the one that heard from it last comes
   * first.
   */
  static final String PREPARE =
      """
      PREPARE shardguard_status AS
      SELECT role.in_recovery,
             CASE WHEN NOT role.in_recovery
                  THEN ('x' || substr(pg_walfile_name(pg_current_wal_flush_lsn()), 1, 8))::bit(32)::int
                  WHEN receiver.received_tli > 0 THEN receiver.received_tli
                  ELSE greatest((SELECT timeline_id FROM pg_control_checkpoint()),
                                (SELECT min_recovery_end_timeline FROM pg_control_recovery())) END AS timeline,
             CASE WHEN role.in_recovery
                  THEN coalesce(greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()), '0/0')
                  ELSE pg_current_wal_flush_lsn() END::text AS flush_lsn,
             CASE WHEN role.in_recovery THEN coalesce(pg_last_wal_replay_lsn(), '0/0')::text END AS replay_lsn,
             current_setting('synchronous_standby_names') AS synchronous_standby_names,
             current_setting('synchronous_commit') AS synchronous_commit,
             receiver.sender_host, receiver.sender_port, receiver.status,
             (extract(epoch FROM clock_timestamp() - receiver.last_msg_receipt_time) * 1000)::bigint AS message_age,
             (SELECT json_agg(json_build_array(application_name, state, sync_state, flush_lsn::text,
                       (extract(epoch FROM clock_timestamp() - reply_time) * 1000)::bigint)
                       ORDER BY application_name, reply_time DESC NULLS LAST)
                FROM pg_stat_replication WHERE state <> 'backup')::text AS downstreams,
             pg_postmaster_start_time() AS postmaster_start
        FROM (SELECT pg_is_in_recovery() AS in_recovery) AS role
        LEFT JOIN pg_stat_wal_receiver AS receiver ON role.in_recovery
      """;

  static final String EXECUTE = "EXECUTE shardguard_status";

  private StatusQuery() {}

  /** The answer's only row as a status. */
  static MemberStatus status(Row row) {
    return new MemberStatus(
        row.getBoolean("in_recovery"),
        new Timeline(row.getInteger("timeline")),
        Lsn.parse(row.getString("flush_lsn")),
        row.getString("replay_lsn") == null ? null : Lsn.parse(row.getString("replay_lsn")),
        row.getString("synchronous_standby_names"),
        row.getString("synchronous_commit"),
        upstream(row),
        downstreams(row.getString("downstreams")),
        row.getOffsetDateTime("postmaster_start").toInstant());
  }

  private static Upstream upstream(Row row) {
    String status = row.getString("status");
    if (status == null) {
      return null;
    }
    String host = row.getString("sender_host");
    Integer port = row.getInteger("sender_port");
    Long age = row.getLong("message_age");
    return new Upstream(
        host == null ? "" : host,
        port == null ? 0 : port,
        status,
        age == null ? null : Math.max(0, age));
  }

  private static List<Downstream> downstreams(String json) {
    List<Downstream> result = new ArrayList<>();
    for (Object element : json == null ? new JsonArray() : new JsonArray(json)) {
      JsonArray row = (JsonArray) element;
      String flushed = row.getString(3);
      result.add(
          new Downstream(
              row.getString(0),
              row.getString(1),
              row.getString(2),
              flushed == null ? null : Lsn.parse(flushed),
              row.getLong(4),
              null));
    }
    return List.copyOf(result);
  }
}
