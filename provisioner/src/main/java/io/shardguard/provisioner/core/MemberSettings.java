package io.shardguard.provisioner.core;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A member's configuration. synchronous_standby_names and primary_conninfo are not in it:
 * failover-coordinator and the rejoin set them, in postgresql.auto.conf.
 */
public final class MemberSettings {

  private static final String CITUS_CONNINFO =
      "sslmode=prefer connect_timeout=3 keepalives_idle=2 keepalives_interval=1 keepalives_count=3"
          + " tcp_user_timeout=3000";

  private MemberSettings() {}

  /**
   * Where a member lives.
   *
   * @param host the one address it listens on
   * @param data its data directory
   * @param conf the directory of its configuration files
   * @param run the directory of its Unix socket
   * @param log the directory of its logs
   */
  public record Place(String host, int port, Path data, Path conf, Path run, Path log) {}

  /**
   * The parameters of postgresql.conf.
   *
   * @param citus Citus is loaded
   * @param declared the parameters of the declaration; they go over the defaults
   */
  public static Map<String, String> of(
      Place place, String member, boolean citus, Map<String, String> declared) {
    Map<String, String> settings = new LinkedHashMap<>();
    tunable(settings);
    settings.putAll(declared);
    place(settings, place, member);
    replication(settings);
    logging(settings, place);
    if (citus) {
      citus(settings);
    }
    return settings;
  }

  /** What a declaration may change. */
  private static void tunable(Map<String, String> s) {
    s.put("max_connections", "200");
    s.put("shared_buffers", "64MB");
    s.put("max_prepared_transactions", "200");
    s.put("max_wal_senders", "10");
    s.put("max_replication_slots", "10");
    s.put("max_worker_processes", "16");
    s.put("max_wal_size", "1GB");
    s.put("wal_keep_size", "256MB");
    s.put("max_slot_wal_keep_size", "2GB");
    s.put("hot_standby_feedback", "on");
    s.put("jit", "off");
    s.put("timezone", "UTC");
    s.put("log_timezone", "UTC");
  }

  private static void place(Map<String, String> s, Place place, String member) {
    s.put("data_directory", place.data().toString());
    s.put("hba_file", place.conf().resolve("pg_hba.conf").toString());
    s.put("ident_file", place.conf().resolve("pg_ident.conf").toString());
    s.put("listen_addresses", place.host());
    s.put("port", Integer.toString(place.port()));
    s.put("unix_socket_directories", place.run().toString());
    s.put("unix_socket_permissions", "0700");
    s.put("cluster_name", member);
    s.put("password_encryption", "scram-sha-256");
  }

  private static void replication(Map<String, String> s) {
    s.put("fsync", "on");
    s.put("full_page_writes", "on");
    s.put("wal_level", "replica");
    s.put("wal_log_hints", "on");
    s.put("hot_standby", "on");
    s.put("synchronous_commit", "on");
    s.put("restart_after_crash", "off");
    // With the default of 5 s a promotion now and then waits that long for the startup process.
    s.put("wal_retrieve_retry_interval", "100ms");
    s.put("wal_sender_timeout", "5s");
    s.put("wal_receiver_timeout", "5s");
    s.put("wal_receiver_status_interval", "1s");
  }

  private static void logging(Map<String, String> s, Place place) {
    s.put("logging_collector", "on");
    s.put("log_directory", place.log().toString());
    s.put("log_filename", "postgresql-%a.log");
    s.put("log_rotation_age", "1d");
    s.put("log_truncate_on_rotation", "on");
    s.put("log_line_prefix", "%m [%p] %q%u@%d %a ");
  }

  private static void citus(Map<String, String> s) {
    s.put("shared_preload_libraries", "citus");
    // Two-phase recovery belongs to failover-coordinator: a restarted old coordinator would roll
    // back its successor's.
    s.put("citus.recover_2pc_interval", "-1");
    s.put("citus.node_connection_timeout", "3s");
    s.put("citus.node_conninfo", CITUS_CONNINFO);
    s.putIfAbsent("citus.metadata_sync_interval", "2s");
    s.putIfAbsent("citus.metadata_sync_retry_interval", "1s");
    s.putIfAbsent("citus.enable_statistics_collection", "off");
  }

  /**
   * pg_hba.conf: passwords over TCP, never trust; over the socket only the user who runs the
   * server.
   *
   * @param network where logins are let in from, as {@code address/bits}
   */
  public static String hostBasedAuthentication(String network) {
    return """
    # TYPE  DATABASE     USER                    ADDRESS        METHOD
    local   all          postgres                               peer map=shardguard
    host    all          all                     %1$s    scram-sha-256
    host    replication  shardguard_replication  %1$s    scram-sha-256
    """
        .formatted(network);
  }

  /** pg_ident.conf: the user who runs the server is the superuser. */
  public static String identMap(String osUser) {
    return "# MAP       OS USER  ROLE\nshardguard  " + osUser + "  postgres\n";
  }
}
