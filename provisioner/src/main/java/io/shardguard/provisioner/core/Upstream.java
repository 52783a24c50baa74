package io.shardguard.provisioner.core;

import io.shardguard.events.MemberAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * How a standby reaches its primary.
 *
 * @param standby the member's name: its application_name, by which the primary waits for it
 * @param passwordFile libpq's password file
 */
public record Upstream(MemberAddress primary, String standby, String passwordFile) {

  /** The role that streams, copies and rewinds. */
  public static final String ROLE = "shardguard_replication";

  /** The name of a member's physical replication slot. */
  public static String slot(String member) {
    return member.replace('-', '_');
  }

  /** The two parameters of a standby that make it stream. */
  public Map<String, String> settings() {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("primary_conninfo", conninfo());
    settings.put("primary_slot_name", slot(standby));
    return settings;
  }

  /** libpq's connection string for replication. */
  public String conninfo() {
    Map<String, String> words = new LinkedHashMap<>();
    words.put("host", primary.host());
    words.put("port", Integer.toString(primary.port()));
    words.put("user", ROLE);
    words.put("application_name", standby);
    words.put("passfile", passwordFile);
    words.put("connect_timeout", "3");
    words.put("keepalives_idle", "2");
    words.put("keepalives_interval", "1");
    words.put("keepalives_count", "3");
    words.put("tcp_user_timeout", "4000");
    return words.entrySet().stream()
        .map(word -> word.getKey() + "=" + quoted(word.getValue()))
        .collect(Collectors.joining(" "));
  }

  /** libpq's connection string to a database of the primary, for pg_rewind. */
  public String conninfo(String database) {
    return conninfo() + " dbname=" + database;
  }

  private static String quoted(String value) {
    return value.matches("[A-Za-z0-9._:/-]+")
        ? value
        : "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }
}
