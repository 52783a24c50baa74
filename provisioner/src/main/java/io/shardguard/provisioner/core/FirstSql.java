package io.shardguard.provisioner.core;

import static io.shardguard.provisioner.core.AutoConf.quoted;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The statements that a new member needs before it ever runs as a primary: its roles and its
 * database. They are run in single-user mode, since a running member is a standby until
 * failover-coordinator promotes it.
 */
public final class FirstSql {

  /** The database of the applications. */
  public static final String DATABASE = "citus";

  /** The roles made here, beside the superuser that initdb makes. */
  public static final List<String> ROLES =
      List.of("shardguard_failover", "shardguard_monitor", "shardguard_replication", "app");

  private static final Map<String, String> ATTRIBUTES =
      Map.of(
          "shardguard_failover", "SUPERUSER LOGIN",
          "shardguard_monitor", "LOGIN IN ROLE pg_monitor",
          "shardguard_replication", "LOGIN REPLICATION",
          "app", "LOGIN");

  private FirstSql() {}

  /**
   * The statements, in order.
   *
   * @param verifiers of the passwords of {@link #ROLES}
   */
  public static List<String> statements(Map<String, String> verifiers) {
    List<String> sql = new ArrayList<>();
    for (String role : ROLES) {
      sql.add(
          "CREATE ROLE "
              + role
              + " "
              + ATTRIBUTES.get(role)
              + " PASSWORD "
              + quoted(verifiers.get(role)));
    }
    // What pg_rewind calls on its source.
    sql.add(
        "GRANT EXECUTE ON FUNCTION pg_catalog.pg_ls_dir(text, boolean, boolean),"
            + " pg_catalog.pg_stat_file(text, boolean), pg_catalog.pg_read_binary_file(text),"
            + " pg_catalog.pg_read_binary_file(text, bigint, bigint, boolean) TO shardguard_replication");
    sql.add("CREATE DATABASE " + DATABASE + " OWNER app");
    return sql;
  }
}
