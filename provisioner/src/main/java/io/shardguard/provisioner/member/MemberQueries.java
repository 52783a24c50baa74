package io.shardguard.provisioner.member;

import io.shardguard.events.Lsn;
import io.shardguard.events.Timeline;
import io.shardguard.postgres.SessionException;
import io.shardguard.provisioner.core.AutoConf;
import io.shardguard.provisioner.core.RejoinChoice.Leading;
import io.shardguard.provisioner.core.RejoinChoice.Standing;
import io.shardguard.provisioner.core.Situation.Live;
import io.shardguard.provisioner.core.TimelineHistory;
import io.shardguard.provisioner.core.Upstream;
import io.shardguard.provisioner.member.MemberSql.Session;
import io.vertx.sqlclient.Row;
import java.time.Duration;
import java.util.Optional;

/** What is asked of a member, and the few things that are told to it. */
final class MemberQueries {

  private static final Duration CHECKPOINT = Duration.ofMinutes(2);

  private MemberQueries() {}

  static Live live(Session member) throws SessionException, InterruptedException {
    Row row =
        member.row(
            "SELECT pg_is_in_recovery(), (SELECT sender_host || ':' || sender_port"
                + " FROM pg_stat_wal_receiver WHERE status = 'streaming')");
    return new Live(row.getBoolean(0), row.getString(1));
  }

  /** Where a standby stands; empty while it still replays what it has. */
  static Optional<Standing> standing(Session standby)
      throws SessionException, InterruptedException {
    Row row =
        standby.row(
            "SELECT (SELECT system_identifier::text FROM pg_control_system()),"
                + " greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())::text,"
                + " (SELECT timeline_id FROM pg_control_checkpoint()),"
                + " (SELECT bytes_per_wal_segment FROM pg_control_init()),"
                + " EXISTS (SELECT FROM pg_stat_activity WHERE backend_type = 'startup'"
                + " AND wait_event LIKE 'Recovery%')");
    if (!row.getBoolean(4) || row.getString(1) == null) {
      return Optional.empty();
    }
    Lsn end = Lsn.parse(row.getString(1));
    String segment = segment(end, row.getInteger(3));
    // The control file knows the timeline of the last restart point only; the newest WAL file knows
    // better.
    Timeline timeline =
        standby
            .text(
                "SELECT max(left(name, 8)) FROM pg_ls_waldir() WHERE length(name) = 24 AND right(name, 16) = '"
                    + segment
                    + "'")
            .map(hex -> new Timeline(Integer.parseInt(hex, 16)))
            .orElse(new Timeline(row.getInteger(2)));
    return Optional.of(new Standing(row.getString(0), timeline, history(standby, timeline), end));
  }

  static Leading leading(Session primary) throws SessionException, InterruptedException {
    Row row =
        primary.row(
            "SELECT (SELECT system_identifier::text FROM pg_control_system()), pg_current_wal_flush_lsn()::text,"
                + " left(pg_walfile_name(pg_current_wal_insert_lsn()), 8)");
    String timeline = row.getString(2);
    Timeline own = new Timeline(Integer.parseInt(timeline, 16));
    return new Leading(row.getString(0), own, history(primary, own), Lsn.parse(row.getString(1)));
  }

  private static TimelineHistory history(Session member, Timeline timeline)
      throws SessionException, InterruptedException {
    String file = String.format("pg_wal/%08X.history", timeline.id());
    return member
        .text("SELECT pg_read_file('" + file + "', 0, 1000000, true)")
        .map(TimelineHistory::parse)
        .orElse(TimelineHistory.NONE);
  }

  /**
   * Makes the primary's control file show its timeline: pg_rewind believes the control file.
   *
   * @throws IllegalStateException if it does not even then
   */
  static void checkpointOnItsTimeline(Session primary)
      throws SessionException, InterruptedException {
    primary.run("CHECKPOINT", CHECKPOINT);
    if (!primary.isTrue(
        "SELECT to_hex(timeline_id) = ltrim(lower(left(pg_walfile_name(pg_current_wal_insert_lsn()), 8)), '0')"
            + " FROM pg_control_checkpoint()")) {
      throw new IllegalStateException(
          "the primary's control file does not show its timeline after a CHECKPOINT");
    }
  }

  static void ensureSlot(Session primary, String member)
      throws SessionException, InterruptedException {
    String slot = AutoConf.quoted(Upstream.slot(member));
    primary.run(
        "SELECT pg_create_physical_replication_slot("
            + slot
            + ", true)"
            + " WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = "
            + slot
            + ")");
  }

  /** A slot that reserves WAL from now on: an older one may have lost what it reserved. */
  static void renewSlot(Session primary, String member)
      throws SessionException, InterruptedException {
    String slot = AutoConf.quoted(Upstream.slot(member));
    primary.run(
        "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
            + " WHERE slot_name = "
            + slot
            + " AND NOT active");
    ensureSlot(primary, member);
  }

  /** The slots that a standby has from its time as a primary would only hold back WAL. */
  static void dropIdleSlots(Session standby) throws SessionException, InterruptedException {
    standby.run(
        "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
            + " WHERE slot_type = 'physical' AND NOT active");
  }

  static void follow(Session standby, Upstream upstream)
      throws SessionException, InterruptedException {
    for (var setting : upstream.settings().entrySet()) {
      standby.run(
          "ALTER SYSTEM SET " + setting.getKey() + " = " + AutoConf.quoted(setting.getValue()));
    }
    standby.run("ALTER SYSTEM RESET max_standby_streaming_delay");
    standby.run("SELECT pg_reload_conf()");
  }

  /** The last 16 digits of the name of the WAL file that holds the byte before {@code end}. */
  static String segment(Lsn end, int segmentBytes) {
    long number = Long.divideUnsigned(end.bytes() - 1, segmentBytes);
    long perLog = 0x1_0000_0000L / segmentBytes;
    return String.format(
        "%08X%08X", Long.divideUnsigned(number, perLog), Long.remainderUnsigned(number, perLog));
  }
}
