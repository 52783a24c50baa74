package io.shardguard.cli.drill.fault;

import io.shardguard.cli.local.Superuser;

/** What an operator can do to a member over its socket. */
final class HandFaults {

  private final Superuser superuser;

  HandFaults(Superuser superuser) {
    this.superuser = superuser;
  }

  /**
   * Promotes a standby, and writes to it: such a row was acknowledged by a server that nobody made
   * a primary, and is to vanish.
   */
  void promote(String standby) {
    superuser.must(standby, "SELECT pg_promote(true, 10)");
    superuser.run(
        standby,
        "SET synchronous_commit = local; CREATE TABLE IF NOT EXISTS shardguard_rogue (at timestamptz);"
            + " INSERT INTO shardguard_rogue VALUES (now())");
  }

  void unsetSynchronous(String primary) {
    superuser.must(primary, "ALTER SYSTEM SET synchronous_standby_names = ''");
    superuser.must(primary, "SELECT pg_reload_conf()");
  }
}
