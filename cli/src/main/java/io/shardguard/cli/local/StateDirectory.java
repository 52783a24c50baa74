package io.shardguard.cli.local;

import io.shardguard.cli.Failure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Where everything of a cluster on this machine is. */
public record StateDirectory(Path root) {

  /** The environment variable that names the state directory. */
  public static final String VARIABLE = "SHARDGUARD_STATE";

  public StateDirectory {
    root = root.toAbsolutePath().normalize();
  }

  /**
   * The state directory that is meant.
   *
   * @param option from the command line; null if not given
   */
  public static StateDirectory choose(
      Path option, Map<String, String> environment, boolean superuser, Path home) {
    if (option != null) {
      return new StateDirectory(option);
    }
    String variable = environment.getOrDefault(VARIABLE, "");
    if (!variable.isBlank()) {
      return new StateDirectory(Path.of(variable));
    }
    return new StateDirectory(
        superuser ? Path.of("/var/lib/shardguard") : home.resolve(".local/share/shardguard"));
  }

  /** Who this directory belongs to; without it, nothing here is ours. */
  public Path marker() {
    return root.resolve(".shardguard");
  }

  public Path clusterFile() {
    return root.resolve("cluster.yaml");
  }

  /** The services' configuration. */
  public Path properties() {
    return root.resolve("shardguard.properties");
  }

  public Path secrets() {
    return root.resolve("secrets");
  }

  /** Of Docker engines elsewhere, each in a directory of its name. */
  public Path certificates() {
    return root.resolve("certificates");
  }

  /** The passwords of all roles, as libpq reads them. */
  public Path pgpass() {
    return secrets().resolve("pgpass");
  }

  public Path members() {
    return root.resolve("members");
  }

  /** A member's data directory. */
  public Path data(String member) {
    return members().resolve(member).resolve("data");
  }

  public Path haproxy() {
    return root.resolve("haproxy");
  }

  public Path haproxyConfig() {
    return haproxy().resolve("haproxy.cfg");
  }

  public Path kafka() {
    return root.resolve("kafka");
  }

  public Path log() {
    return root.resolve("log");
  }

  public Path run() {
    return root.resolve("run");
  }

  /**
   * The programs that run: copies, because another user's home may be closed to the user they run
   * as.
   */
  public Path app() {
    return root.resolve("app");
  }

  public Path supervisorConfig() {
    return root.resolve("supervisord.conf");
  }

  public Path supervisorSocket() {
    return run().resolve("supervisor.sock");
  }

  public Path supervisorPid() {
    return run().resolve("supervisord.pid");
  }

  public Path drills() {
    return root.resolve("drills");
  }

  /** Written once sql/init.sql has run to its end. */
  public Path dataLoaded() {
    return root.resolve(".data-loaded");
  }

  /**
   * The cluster that was made here.
   *
   * @throws Failure if there is none
   */
  public Installation installation() {
    if (!Files.exists(marker())) {
      throw Failure.precondition(
          "There is no cluster in " + root + ".",
          "Make one with ./shardguard up, or name its state directory by --state or "
              + VARIABLE
              + ".");
    }
    return Installation.read(this);
  }
}
