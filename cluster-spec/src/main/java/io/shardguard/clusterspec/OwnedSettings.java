package io.shardguard.clusterspec;

import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The PostgreSQL parameters that the control plane sets itself, and that a declaration must
 * therefore leave alone.
 */
public final class OwnedSettings {

  private static final Map<String, Set<String>> BY_REASON =
      Map.of(
          "it follows from the member's address and directories",
          Set.of(
              "listen_addresses",
              "port",
              "data_directory",
              "config_file",
              "hba_file",
              "ident_file",
              "unix_socket_directories",
              "unix_socket_permissions",
              "external_pid_file",
              "logging_collector",
              "log_directory",
              "log_filename",
              "log_file_mode",
              "include",
              "include_dir",
              "include_if_exists"),
          "no acknowledged write may be lost, and failover relies on it",
          Set.of(
              "fsync",
              "full_page_writes",
              "synchronous_commit",
              "synchronous_standby_names",
              "wal_level",
              "wal_log_hints",
              "restart_after_crash",
              "hot_standby",
              "max_standby_streaming_delay",
              "primary_conninfo",
              "primary_slot_name",
              "promote_trigger_file",
              "default_transaction_read_only",
              "citus.recover_2pc_interval",
              "citus.writable_standby_coordinator"),
          "a member is a standby only as failover-coordinator decides",
          Set.of(
              "restore_command",
              "archive_cleanup_command",
              "recovery_end_command",
              "recovery_target",
              "recovery_target_action",
              "recovery_target_inclusive",
              "recovery_target_lsn",
              "recovery_target_name",
              "recovery_target_time",
              "recovery_target_timeline",
              "recovery_target_xid",
              "recovery_min_apply_delay",
              "vacuum_defer_cleanup_age"),
          "the time bounds of the failover rest on it",
          Set.of(
              "wal_sender_timeout",
              "wal_receiver_timeout",
              "wal_receiver_status_interval",
              "wal_retrieve_retry_interval",
              "citus.node_conninfo",
              "citus.node_connection_timeout"),
          "the members talk to each other with it",
          Set.of("password_encryption", "shared_preload_libraries", "citus.local_hostname"));

  private OwnedSettings() {}

  /** Why a declaration may not set this parameter; empty if it may. */
  public static Optional<String> whyOwned(String parameter) {
    return BY_REASON.entrySet().stream()
        .filter(entry -> entry.getValue().contains(parameter))
        .map(Map.Entry::getKey)
        .findFirst();
  }
}
