package io.shardguard.failover;

import io.shardguard.failover.core.Policy;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** The settings of failover-coordinator. */
@ConfigMapping(prefix = "shardguard")
public interface FailoverConfig {

  /** The directory with a file {@code <role>.password} for each database role. */
  Path secretsDir();

  /** Settings of this service alone. */
  Failover failover();

  /** Where a test may have this service end or stand still; off by default. */
  Failpoint failpoints();

  /** See {@link io.shardguard.failpoints.Failpoints}. */
  interface Failpoint {

    /** The directory of the files that arm failpoints; none is armed without it. */
    Optional<Path> dir();
  }

  /** Bounds of the work on members. A bound that passes means 'unknown', never 'undone'. */
  interface Failover {

    /** The role that acts on members: a superuser, since it ends other superusers' sessions. */
    @WithDefault("shardguard_failover")
    String role();

    /** The database that holds Citus' metadata. */
    @WithDefault("citus")
    String database();

    /** Opening a session, login included. */
    @WithDefault("2s")
    Duration connectWithin();

    /** One statement that only looks or sets. */
    @WithDefault("3s")
    Duration statementWithin();

    /** From the seal's settings to the walreceiver seen gone. */
    @WithDefault("5s")
    Duration sealWithin();

    /** From pg_promote() to the end of recovery: replaying what was received may take long. */
    @WithDefault("60s")
    Duration promoteWithin();

    /** citus_update_node on one member. */
    @WithDefault("5s")
    Duration metadataWithin();

    /** recover_prepared_transactions() on one member. */
    @WithDefault("6s")
    Duration recoverWithin();

    /** The CHECKPOINT that proves that the primary waits for its standby. */
    @WithDefault("60s")
    Duration checkpointWithin();

    /** A standby that flushes nothing for this long, with WAL waiting for it, is detached. */
    @WithDefault("2s")
    Duration standbyStalledAfter();

    /** A standby that sent its primary nothing for this long is detached. */
    @WithDefault("3s")
    Duration standbySilentAfter();

    /** So many automatic failovers of a group are made within {@code failovers-within}. */
    @WithDefault("10")
    int failoversAtMost();

    /** See {@code failovers-at-most}; an hour at the most. */
    @WithDefault("10m")
    Duration failoversWithin();

    /**
     * If the runtime does not say within this time after a promotion that the old primary ended,
     * the other members are made to refuse it.
     */
    @WithDefault("1s")
    Duration barAfter();

    /**
     * If Citus does not bring the metadata to all workers within this time after the two-phase
     * commits were settled, a transition is completed without: DDL works later, nothing else waits.
     */
    @WithDefault("5s")
    Duration metadataSyncedWithin();

    /** The bounds that the core decides by. */
    default Policy policy() {
      return new Policy(
          standbyStalledAfter(),
          standbySilentAfter(),
          failoversAtMost(),
          failoversWithin(),
          barAfter(),
          metadataSyncedWithin());
    }

    /**
     * Verdicts and observations older than this tell nothing of the present, and are passed over
     * after an absence.
     */
    @WithDefault("10s")
    Duration staleAfter();
  }
}
