package io.shardguard.healthmonitor;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/**
 * The service's configuration, {@code shardguard.monitor.*}; cross-checked at start by {@link
 * Settings}.
 */
@ConfigMapping(prefix = "shardguard.monitor")
public interface MonitorConfig {

  /** This instance's name in what it writes; instances of one cluster must differ. */
  @WithDefault("monitor-1")
  String observer();

  /**
   * The role that logs in to members; needs pg_monitor, and the file {@code <role>.password} among
   * the secrets.
   */
  @WithDefault("shardguard_monitor")
  String role();

  /** The database that it logs in to. */
  @WithDefault("citus")
  String database();

  /** How often an observation is written although nothing changed. */
  @WithDefault("1s")
  Duration observeEvery();

  /** How members are asked. */
  Probe probe();

  /** When a member is down. */
  Down down();

  /** Members that were never seen. */
  Start start();

  /** Replication between members. */
  Replication replication();

  /** When the observer takes itself for cut off. */
  Isolation isolation();

  /** How members are asked. */
  interface Probe {

    /** How often each member's open session is asked while all members of its group answer. */
    @WithDefault("500ms")
    Duration interval();

    /**
     * How often the members of a group are asked of which one does not answer; also how often a
     * refused connection is tried again.
     */
    @WithDefault("200ms")
    Duration suspectInterval();

    /** An answer that takes longer counts as none, and the session is dropped. */
    @WithDefault("1s")
    Duration timeout();

    /** How often a new session is tried beside the open one, and after a rejected login. */
    @WithDefault("10s")
    Duration connectInterval();

    /**
     * An attempt to open a session that takes longer counts as no answer; it stays pending, alone.
     */
    @WithDefault("1s")
    Duration connectTimeout();

    /**
     * A pending attempt is given up after this long; doubled up to {@code connect-give-up-max}
     * while none succeeds.
     */
    @WithDefault("5s")
    Duration connectGiveUp();

    /**
     * The longest that an attempt stays pending: a frozen server keeps the socket of each that was
     * given up.
     */
    @WithDefault("60s")
    Duration connectGiveUpMax();
  }

  /** When a member is down. */
  interface Down {

    /** Silent for this long, and a witness lost it too. */
    @WithDefault("2500ms")
    Duration silentAfter();

    /** Silent for this long, without a witness. */
    @WithDefault("10s")
    Duration silentAloneAfter();

    /** Refused for this long, without a witness; with one it is down at once. */
    @WithDefault("3s")
    Duration unwitnessedAfter();

    /** Silent or refused for this long, although a standby still streams from it. */
    @WithDefault("30s")
    Duration unreachableAfter();

    /**
     * A walreceiver whose newest message is older has lost its sender, and a walsender its
     * receiver; an idle primary lets up to 2.6 s pass, a standby 1 s.
     */
    @WithDefault("3s")
    Duration witnessStaleAfter();
  }

  /** Members that were never seen. */
  interface Start {

    /**
     * No verdict on a member that was never seen alive, for this long since it was started, or its
     * watch began. One that was never started is not judged.
     */
    @WithDefault("15s")
    Duration grace();
  }

  /** Replication between members. */
  interface Replication {

    /**
     * Streaming that is away for this long is broken; a walreceiver that is restarted is away for
     * less.
     */
    @WithDefault("1s")
    Duration brokenAfter();

    /** Streaming that flushes nothing for this long is broken, if WAL waits for it. */
    @WithDefault("2s")
    Duration stalledAfter();
  }

  /** When the observer takes itself for cut off. */
  interface Isolation {

    /** Members that fell silent within this long of each other were lost at once. */
    @WithDefault("10s")
    Duration within();
  }
}
