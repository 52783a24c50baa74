package io.shardguard.failover;

import io.shardguard.events.Event;
import io.shardguard.events.Lsn;
import io.shardguard.events.MemberAddress;
import io.shardguard.events.ReplicationEvent.MemberAdmitted;
import io.shardguard.events.ReplicationEvent.MemberBarred;
import io.shardguard.events.ReplicationEvent.SynchronousArmed;
import io.shardguard.events.ReplicationEvent.SynchronousRelaxed;
import io.shardguard.events.Timeline;
import io.shardguard.events.TransitionEvent.MetadataSynced;
import io.shardguard.events.TransitionEvent.MetadataUpdated;
import io.shardguard.events.TransitionEvent.Outcome;
import io.shardguard.events.TransitionEvent.StandbyPromoted;
import io.shardguard.events.TransitionEvent.StandbySealed;
import io.shardguard.events.TransitionEvent.StepFailed;
import io.shardguard.events.TransitionEvent.TwoPhaseRecovered;
import io.shardguard.failover.core.Action;
import io.shardguard.failover.core.Action.Admit;
import io.shardguard.failover.core.Action.ArmSynchronous;
import io.shardguard.failover.core.Action.Bar;
import io.shardguard.failover.core.Action.LookForSync;
import io.shardguard.failover.core.Action.Promote;
import io.shardguard.failover.core.Action.RecoverTwoPhase;
import io.shardguard.failover.core.Action.RelaxSynchronous;
import io.shardguard.failover.core.Action.Seal;
import io.shardguard.failover.core.Action.UpdateMetadata;
import io.shardguard.postgres.PgSession;
import io.shardguard.postgres.SessionException;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Carries one action out on one member, as plain blocking SQL. Every action looks before it acts
 * and reads back after, so it may be repeated at will.
 */
final class Carrier {

  private static final Duration POLL = Duration.ofMillis(5);
  private static final String END_SESSIONS =
      """
      SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
      WHERE backend_type = 'client backend'
        AND application_name NOT LIKE 'shardguard-failover-coordinator/%'
        AND application_name NOT LIKE 'shardguard-health-monitor%'\
      """;
  private static final String RELAXED =
      """
      SELECT current_setting('synchronous_standby_names') = ''
        AND NOT EXISTS (SELECT FROM pg_file_settings
                        WHERE name = 'synchronous_commit' AND sourcefile LIKE '%.auto.conf')
        AND NOT EXISTS (SELECT FROM pg_file_settings
                        WHERE name = 'synchronous_standby_names' AND setting <> '')\
      """;
  private static final List<String> HBA_KINDS = List.of("host all all ", "host replication all ");
  private static final String BARRED_BY_US = "# barred by failover-coordinator";
  private static final String END_SESSIONS_FROM =
      "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE client_addr = '%s'";
  private static final String OUT_OF_SYNC =
      """
      SELECT count(*) FROM pg_dist_node
      WHERE groupid <> 0 AND groupid = ANY ($1) AND noderole = 'primary'
        AND isactive AND hasmetadata AND NOT metadatasynced\
      """;
  private static final int QUIET_POLLS = 5;
  private static final Duration BAR_POLL = Duration.ofMillis(20);
  private static final Duration SYNC_POLL = Duration.ofMillis(20);
  private static final Duration LOOK_FOR_SYNC = Duration.ofMillis(300);
  private static final String OUTSIDE_TRANSITIONS = "none";

  private final FailoverConfig.Failover bounds;
  private final PgSession session;

  Carrier(FailoverConfig.Failover bounds, PgSession session) {
    this.bounds = bounds;
    this.session = session;
  }

  /** What came of it; empty if there is nothing to say. */
  Optional<Event> carryOut(Action action) throws InterruptedException {
    long start = System.nanoTime();
    try {
      return switch (action) {
        case Seal a -> Optional.of(seal(a, start));
        case Promote a -> Optional.of(promote(a, start));
        case UpdateMetadata a -> updateMetadata(a, start);
        case RecoverTwoPhase a -> recoverTwoPhase(a, start);
        case LookForSync a -> lookForSync(a, start);
        case ArmSynchronous a -> Optional.of(armSynchronous(a, start));
        case RelaxSynchronous a -> relaxSynchronous(a, start);
        case Bar a -> Optional.of(bar(a, start));
        case Admit a -> Optional.of(admit(a, start));
      };
    } catch (SessionException e) {
      Outcome outcome = e.effectUnknown() ? Outcome.TIMED_OUT : Outcome.FAILED;
      return Optional.of(failed(action, outcome, e.getMessage()));
    } catch (Refused e) {
      return Optional.of(failed(action, Outcome.FAILED, e.getMessage()));
    }
  }

  /** An action that was not begun. */
  static StepFailed failed(Action action, Outcome outcome, String reason) {
    return new StepFailed(
        action.group(), transition(action), action.step(), action.member(), outcome, reason);
  }

  private static String transition(Action action) {
    return switch (action) {
      case Seal a -> a.transition();
      case Promote a -> a.transition();
      case UpdateMetadata a -> a.transition() == null ? OUTSIDE_TRANSITIONS : a.transition();
      case RecoverTwoPhase a -> a.transition() == null ? OUTSIDE_TRANSITIONS : a.transition();
      case LookForSync a -> a.transition();
      case ArmSynchronous a -> OUTSIDE_TRANSITIONS;
      case RelaxSynchronous a -> OUTSIDE_TRANSITIONS;
      case Bar a -> OUTSIDE_TRANSITIONS;
      case Admit a -> OUTSIDE_TRANSITIONS;
    };
  }

  /** The member is not in the state that the action needs. */
  private static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;

    Refused(String message) {
      super(message);
    }
  }

  /**
   * The startup process performs the change of primary_conninfo, and not while a reader's lock
   * blocks replay or replay is paused; so both are ended, and the seal is believed only when the
   * walreceiver is seen gone (it can be connecting while pg_stat_wal_receiver is empty: the process
   * list has it).
   */
  private Event seal(Seal action, long start)
      throws SessionException, Refused, InterruptedException {
    if (!bool("SELECT pg_is_in_recovery()")) {
      throw new Refused(action.member() + " is not a standby");
    }
    // Sessions end before and after: one that was just told to follow could undo the seal, one that
    // reads could hold it up.
    execute(END_SESSIONS);
    execute("ALTER SYSTEM SET primary_conninfo = ''");
    execute("ALTER SYSTEM SET max_standby_streaming_delay = 0");
    execute("SELECT pg_reload_conf(), pg_wal_replay_resume(), (" + END_SESSIONS + ")");
    awaitTrue(
        "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE backend_type = 'walreceiver')",
        bounds.sealWithin(),
        "the walreceiver of " + action.member() + " is still there");
    // A receive position from before a restart may lie below what was replayed, or be missing.
    Row end =
        one(
            """
            SELECT greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())::text AS lsn,
                   (SELECT coalesce(max(('x' || left(name, 8))::bit(32)::int), 1)
                    FROM pg_ls_waldir() WHERE name LIKE '%.history') AS timeline\
            """);
    return new StandbySealed(
        action.group(),
        action.transition(),
        action.member(),
        new Timeline(end.getInteger("timeline")),
        Lsn.parse(end.getString("lsn")),
        millisSince(start));
  }

  /**
   * The new primary waits for nobody: its first commit would hang otherwise. The log says DEGRADED
   * already.
   */
  private Event promote(Promote action, long start)
      throws SessionException, Refused, InterruptedException {
    if (bool("SELECT pg_is_in_recovery()")) {
      if (!bool("SELECT current_setting('synchronous_standby_names') = ''")) {
        execute("ALTER SYSTEM SET synchronous_standby_names = ''");
        execute("SELECT pg_reload_conf()");
      }
      execute("SELECT pg_promote(false)");
      awaitTrue(
          "SELECT NOT pg_is_in_recovery()",
          bounds.promoteWithin(),
          action.member() + " is still in recovery");
    }
    Row row =
        one(
            "SELECT ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int AS timeline");
    return new StandbyPromoted(
        action.group(),
        action.transition(),
        action.member(),
        new Timeline(row.getInteger("timeline")),
        millisSince(start));
  }

  private Optional<Event> updateMetadata(UpdateMetadata action, long start)
      throws SessionException, Refused, InterruptedException {
    // Before the first use of the cluster there is no metadata yet: the provisioner makes it from
    // the topology.
    if (bool("SELECT to_regclass('pg_dist_node') IS NOT NULL")) {
      for (Map.Entry<Integer, MemberAddress> primary : action.primaries().entrySet()) {
        updateNode(primary.getKey(), primary.getValue());
      }
    }
    return action.transition() == null
        ? Optional.empty()
        : Optional.of(
            new MetadataUpdated(
                action.group(), action.transition(), action.member(), millisSince(start)));
  }

  private void updateNode(int group, MemberAddress address)
      throws SessionException, Refused, InterruptedException {
    Tuple wanted = Tuple.of(group, address.host(), address.port());
    RowSet<Row> stale =
        PgSession.await(
            session.query(
                """
                SELECT nodeid FROM pg_dist_node
                WHERE groupid = $1 AND noderole = 'primary' AND (nodename, nodeport) <> ($2, $3)\
                """,
                wanted,
                bounds.statementWithin()));
    for (Row node : stale) {
      PgSession.await(
          session.query(
              "SELECT citus_update_node($1, $2, $3, force => true, lock_cooldown => 0)",
              Tuple.of(node.getInteger("nodeid"), address.host(), address.port()),
              bounds.metadataWithin()));
    }
  }

  private Optional<Event> recoverTwoPhase(RecoverTwoPhase action, long start)
      throws SessionException, InterruptedException {
    int settled = 0;
    if (bool("SELECT to_regproc('recover_prepared_transactions') IS NOT NULL")) {
      RowSet<Row> rows =
          PgSession.await(
              session.query(
                  "SELECT recover_prepared_transactions() AS settled", bounds.recoverWithin()));
      settled = rows.iterator().next().getInteger("settled");
    }
    return action.transition() == null
        ? Optional.empty()
        : Optional.of(
            new TwoPhaseRecovered(
                action.group(), action.transition(), action.member(), settled, millisSince(start)));
  }

  /**
   * citus_update_node has woken Citus' daemon, which brings the metadata to the workers. Waits but
   * a moment, since other groups' metadata may be next; then nothing is said, and this is asked for
   * again.
   */
  private Optional<Event> lookForSync(LookForSync action, long start)
      throws SessionException, InterruptedException {
    long giveUpAt = System.nanoTime() + LOOK_FOR_SYNC.toNanos();
    while (!synced(action)) {
      if (System.nanoTime() > giveUpAt) {
        return Optional.empty();
      }
      Thread.sleep(SYNC_POLL);
    }
    return Optional.of(
        new MetadataSynced(
            action.group(), action.transition(), action.member(), millisSince(start)));
  }

  private boolean synced(LookForSync action) throws SessionException, InterruptedException {
    return !bool("SELECT to_regclass('pg_dist_node') IS NOT NULL")
        || PgSession.await(
                    session.query(
                        OUT_OF_SYNC,
                        Tuple.of(action.groups().toArray(Integer[]::new)),
                        bounds.statementWithin()))
                .iterator()
                .next()
                .getLong(0)
            == 0;
  }

  /**
   * Only the checkpointer arms the waiting for standbys, and it may lag behind the reload: when a
   * CHECKPOINT that was asked for after it returns, it has passed it.
   */
  private Event armSynchronous(ArmSynchronous action, long start)
      throws SessionException, Refused, InterruptedException {
    String names = action.names();
    // It was set for the seal, and is of no use to a primary: left for now, when nobody waits.
    execute("ALTER SYSTEM RESET max_standby_streaming_delay");
    execute("ALTER SYSTEM RESET synchronous_commit");
    execute("ALTER SYSTEM SET synchronous_standby_names = '" + names + "'");
    execute("SELECT pg_reload_conf()");
    awaitTrue(
        "SELECT current_setting('synchronous_standby_names') = '" + names + "'",
        bounds.statementWithin(),
        "the setting was not taken up");
    PgSession.await(session.query("CHECKPOINT", bounds.checkpointWithin()));
    Row row = one("SELECT pg_current_wal_flush_lsn()::text AS lsn");
    return new SynchronousArmed(
        action.group(),
        action.standby(),
        List.copyOf(action.standbys()),
        action.member(),
        Lsn.parse(row.getString("lsn")),
        millisSince(start));
  }

  /** Nothing is said if nothing had to be changed. */
  private Optional<Event> relaxSynchronous(RelaxSynchronous action, long start)
      throws SessionException, Refused, InterruptedException {
    if (bool(RELAXED)) {
      return Optional.empty();
    }
    execute("ALTER SYSTEM SET synchronous_standby_names = ''");
    execute("ALTER SYSTEM RESET synchronous_commit");
    execute("SELECT pg_reload_conf()");
    awaitTrue(
        "SELECT current_setting('synchronous_standby_names') = ''",
        bounds.statementWithin(),
        "the setting was not taken up");
    return Optional.of(new SynchronousRelaxed(action.group(), action.member(), millisSince(start)));
  }

  /**
   * New sessions first, then those that are there. The postmaster reads pg_hba.conf only after it
   * has told its children of the reload: sessions are ended until none has come for a while.
   */
  private Event bar(Bar action, long start) throws SessionException, Refused, InterruptedException {
    String reject = action.old().host() + mask(action.old()) + " reject " + BARRED_BY_US;
    List<String> lines = new ArrayList<>(HBA_KINDS.stream().map(kind -> kind + reject).toList());
    lines.addAll(hbaWithout(action.old()));
    writeHba(lines);
    long none = 0;
    long giveUpAt = System.nanoTime() + bounds.sealWithin().toNanos();
    while (none < QUIET_POLLS) {
      boolean quiet = one(END_SESSIONS_FROM.formatted(action.old().host())).getLong(0) == 0;
      none = quiet ? none + 1 : 0;
      if (System.nanoTime() > giveUpAt) {
        throw new Refused("sessions from " + action.old().host() + " do not end");
      }
      Thread.sleep(BAR_POLL);
    }
    return new MemberBarred(
        action.group(), action.old().name(), action.member(), millisSince(start));
  }

  private Event admit(Admit action, long start) throws SessionException, InterruptedException {
    writeHba(hbaWithout(action.old()));
    return new MemberAdmitted(
        action.group(), action.old().name(), action.member(), millisSince(start));
  }

  private List<String> hbaWithout(MemberAddress old) throws SessionException, InterruptedException {
    String ours = old.host() + mask(old) + " reject " + BARRED_BY_US;
    return one("SELECT pg_read_file(current_setting('hba_file'))")
        .getString(0)
        .lines()
        .filter(line -> !line.endsWith(ours))
        .toList();
  }

  private void writeHba(List<String> lines) throws SessionException, InterruptedException {
    String path = one("SHOW hba_file").getString(0).replace("'", "''");
    String text = String.join("\n", lines).replace("'", "''");
    execute("COPY (SELECT regexp_split_to_table('" + text + "', E'\\n')) TO '" + path + "'");
    execute("SELECT pg_reload_conf()");
  }

  private static String mask(MemberAddress address) {
    return address.host().contains(":") ? "/128" : "/32";
  }

  private void awaitTrue(String question, Duration within, String otherwise)
      throws SessionException, Refused, InterruptedException {
    long giveUpAt = System.nanoTime() + within.toNanos();
    while (!bool(question)) {
      if (System.nanoTime() > giveUpAt) {
        throw new Refused(otherwise + " after " + within.toMillis() + " ms");
      }
      Thread.sleep(POLL);
    }
  }

  private boolean bool(String question) throws SessionException, InterruptedException {
    return one(question).getBoolean(0);
  }

  private Row one(String sql) throws SessionException, InterruptedException {
    return execute(sql).iterator().next();
  }

  private RowSet<Row> execute(String sql) throws SessionException, InterruptedException {
    return PgSession.await(session.query(sql, bounds.statementWithin()));
  }

  private static long millisSince(long start) {
    return (System.nanoTime() - start) / 1_000_000;
  }
}
