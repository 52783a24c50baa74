package io.shardguard.provisioner.cluster;

import io.quarkus.runtime.configuration.MemorySize;
import io.shardguard.clusterspec.MemberNetwork;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithName;
import java.nio.file.Path;
import java.util.Optional;

/** The provisioner's page of the configuration; names begin with {@code shardguard.}. */
@ConfigMapping(prefix = "shardguard")
public interface ProvisionerConfig {

  /** The cluster's name; must be the one in the cluster file. */
  String cluster();

  /** The declaration, cluster.yaml. */
  Path clusterFile();

  /**
   * The directory of all that the installation keeps; members live in {@code members/} below it.
   */
  Path stateDir();

  /** The directory of the roles' passwords: {@code <role>.password} and {@code pgpass}. */
  Path secretsDir();

  /** The directory of PostgreSQL's programs. */
  @WithDefault("/usr/lib/postgresql/15/bin")
  Path postgresBin();

  /** Members without a port of their own listen on this number plus 10. */
  @WithDefault("7400")
  int portBase();

  /** Members without a host of their own get an address of it; logins are let in from it. */
  @WithDefault("127.0.0.0/8")
  MemberNetwork memberNetwork();

  /**
   * The directory of the members' namespaces, {@code <member>.user} and {@code <member>.net} each:
   * members run in them. Without it they run where this service does.
   */
  Optional<Path> namespacesDir();

  /**
   * Which distribution functions the members get: Citus where it is installed (auto), or one of the
   * two for sure.
   */
  @WithDefault("auto")
  EngineChoice engine();

  /**
   * The directory of the stand-in's SQL files; needed where Citus is not installed or not wanted.
   */
  Optional<Path> standinDir();

  /** How many replicas the topics have that are made here; not more than there are brokers. */
  @WithName("topic-replicas")
  @WithDefault("1")
  short topicReplicas();

  /**
   * Before pg_rewind a data directory up to this size is copied, if the file system has room; a
   * larger one is rewound in place.
   */
  @WithName("provisioner.keep-before-rewind-up-to")
  @WithDefault("10G")
  MemorySize keepBeforeRewindUpTo();

  /**
   * For tests: a file here with a failpoint's name has the service end there, or stand still if the
   * file says {@code stop}.
   */
  @WithName("failpoints.dir")
  Optional<Path> failpointsDir();

  /** Where members are that are containers. */
  DockerSettings docker();

  /** The Docker engines of a cluster whose declaration says {@code runtime: docker}. */
  interface DockerSettings {

    /** Where the engine of this machine listens. */
    @WithDefault("unix:///var/run/docker.sock")
    String host();

    /**
     * For engines at {@code tcp://host:port}: here is a directory with each one's name, that has
     * {@code ca.pem}, {@code cert.pem} and {@code key.pem}.
     */
    @WithDefault("/run/shardguard/certificates")
    Path certificates();

    /** The names of the members' containers and volumes begin with it and a dash. */
    @WithDefault("shardguard")
    String prefix();

    /** The engine's network that members are connected to, each with its own address of it. */
    @WithDefault("shardguard")
    String network();

    /** What members run. */
    @WithDefault("shardguard/member:latest")
    String image();
  }

  /** What {@code shardguard.engine} can be. */
  enum EngineChoice {
    /** Citus if it is installed, else the stand-in. */
    AUTO,
    /** Citus; an error if it is not installed. */
    CITUS,
    /** The stand-in, even where Citus is installed. */
    STAND_IN
  }
}
