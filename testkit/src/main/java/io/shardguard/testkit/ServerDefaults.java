package io.shardguard.testkit;

import static java.util.Map.entry;

import java.util.Map;

/** The configuration every test server starts with, unless the test says otherwise. */
final class ServerDefaults {

  /** Small, quick to fail over, and fit for pg_rewind. */
  static final Map<String, String> SETTINGS =
      Map.ofEntries(
          entry("fsync", "off"),
          entry("wal_log_hints", "on"),
          entry("shared_buffers", "32MB"),
          entry("max_connections", "100"),
          entry("max_wal_senders", "10"),
          entry("max_replication_slots", "10"),
          entry("max_prepared_transactions", "100"),
          entry("max_worker_processes", "16"),
          entry("wal_keep_size", "256MB"),
          entry("max_wal_size", "1GB"),
          entry("wal_retrieve_retry_interval", "100ms"),
          entry("wal_sender_timeout", "5s"),
          entry("wal_receiver_timeout", "5s"),
          entry("wal_receiver_status_interval", "1s"),
          entry("log_line_prefix", "%m [%p] %q%u@%d %a "),
          entry("timezone", "UTC"));

  /**
   * Passwords over TCP; the socket lies in the server's own directory, which no other user may
   * enter.
   */
  static final String HBA =
      """
      local all         all              trust
      host  all         all 127.0.0.0/8  scram-sha-256
      host  replication all 127.0.0.0/8  scram-sha-256
      """;

  private ServerDefaults() {}
}
