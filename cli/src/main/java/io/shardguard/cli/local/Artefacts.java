package io.shardguard.cli.local;

import io.shardguard.cli.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What was built, and its copy in the state directory.
 *
 * @param home the checkout
 */
public record Artefacts(Path home) {

  /** Set by ./shardguard: the checkout. */
  public static final String HOME_PROPERTY = "shardguard.home";

  /**
   * The checkout that this program was started from.
   *
   * @throws Failure if it was not started by ./shardguard
   */
  public static Artefacts ofThisCheckout() {
    String home = System.getProperty(HOME_PROPERTY, "");
    if (home.isEmpty()) {
      throw Failure.precondition(
          "It is not known where the checkout is.", "Call this through the script ./shardguard.");
    }
    return new Artefacts(Path.of(home));
  }

  static Path service(StateDirectory state, Service service) {
    return state.app().resolve(service.programName());
  }

  static Path broker(StateDirectory state) {
    return state.app().resolve("broker");
  }

  static Path standIn(StateDirectory state) {
    return state.app().resolve("standin");
  }

  /** The script that makes and fills the example table. */
  public static Path initScript(StateDirectory state) {
    return state.app().resolve("init.sql");
  }

  /**
   * Everything that runs, and where its copy goes.
   *
   * @throws Failure if something was not built
   */
  private Map<Path, Path> copies(StateDirectory state) {
    Map<Path, Path> copies = new LinkedHashMap<>();
    copies.put(home.resolve("broker/target/broker.jar"), broker(state).resolve("broker.jar"));
    copies.put(home.resolve("broker/target/lib"), broker(state).resolve("lib"));
    for (Service service : Service.values()) {
      copies.put(
          home.resolve(service.programName()).resolve("target/quarkus-app"),
          service(state, service));
    }
    copies.put(home.resolve("sql/standin"), standIn(state));
    copies.put(home.resolve("sql/init.sql"), initScript(state));
    return copies;
  }

  /** Checks that everything was built. */
  void requireBuilt(StateDirectory state) {
    for (Path artefact : copies(state).keySet()) {
      if (!Files.exists(artefact)) {
        throw Failure.precondition(
            artefact + " is missing: the build is not complete.",
            "Remove " + home + "/target and call ./shardguard again.");
      }
    }
  }

  /**
   * Copies what has changed. Not while the services run: a JVM whose jars are replaced under it
   * crashes.
   */
  void copy(StateDirectory state, OwnedFiles files) throws IOException {
    files.directory(state.app(), "rwxr-xr-x");
    for (Map.Entry<Path, Path> copy : copies(state).entrySet()) {
      files.copy(copy.getKey(), copy.getValue());
    }
  }

  /** Copies what a cluster of containers has outside of its images. */
  void copyForContainers(StateDirectory state, OwnedFiles files) throws IOException {
    files.directory(state.app(), "rwxr-xr-x");
    files.copy(home.resolve("deploy/compose.yaml"), DockerStack.composeFile(state));
    files.copy(home.resolve("deploy/compose.network.yaml"), DockerStack.declaredNetwork(state));
    files.copy(home.resolve("deploy/compose.three-brokers.yaml"), DockerStack.threeBrokers(state));
    files.copy(home.resolve("sql/init.sql"), initScript(state));
  }

  /** Whether the copy is what was built last. */
  boolean copied(StateDirectory state) throws IOException {
    for (Map.Entry<Path, Path> copy : copies(state).entrySet()) {
      if (!OwnedFiles.same(copy.getKey(), copy.getValue())) {
        return false;
      }
    }
    return true;
  }
}
