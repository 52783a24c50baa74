package io.shardguard.lbconfigurator;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;

/** The settings of lb-configurator. */
@ConfigMapping(prefix = "shardguard")
interface LbConfig {

  /** The cluster whose topology is put into HAProxy; records of others are passed over. */
  String cluster();

  /** Address that HAProxy listens on, for all ports. */
  @WithDefault("127.0.0.1")
  String host();

  /** HAProxy's part. */
  HaproxySettings haproxy();

  /** HAProxy's files, ports and bounds. */
  interface HaproxySettings {

    /**
     * Directory of {@code haproxy.cfg} and of the command sockets; its path has at most 80
     * characters.
     */
    Path dir();

    /**
     * Name or path of the executable that validates files: the same version as the one that runs.
     */
    @WithDefault("haproxy")
    String program();

    /** Port for writes: the coordinator's primary. */
    int writePort();

    /** Port for reads: the coordinator's standbys. */
    int readPort();

    /** Port for any group's primary; used with Citus only. */
    int anyPort();

    /** Port of HAProxy's statistics page and of its metrics. */
    int statsPort();

    /**
     * The user name with which HAProxy asks PostgreSQL whether it answers; there is no login and no
     * password.
     */
    @WithDefault("shardguard_monitor")
    String checkUser();

    /**
     * How long sessions may stay on a worker process that a reload has replaced; then they are
     * ended.
     */
    @WithDefault("24h")
    Duration oldSessions();

    /** Bound for each command to HAProxy, each validation of a file, and each reload. */
    @WithDefault("5s")
    Duration deadline();

    /**
     * After a switch at run time, the reload that only makes it durable waits until routes have
     * been still so long.
     */
    @WithDefault("500ms")
    Duration settle();

    /** How often the running configuration is compared with the wanted one. */
    @WithDefault("2s")
    Duration verifyInterval();

    /** How soon a step that failed, or that HAProxy was not there for, is tried again. */
    @WithDefault("250ms")
    Duration retryInterval();
  }
}
