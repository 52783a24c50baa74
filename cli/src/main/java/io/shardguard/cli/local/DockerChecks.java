package io.shardguard.cli.local;

import io.shardguard.cli.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What must be so before a cluster of containers is started. Every check changes nothing and throws
 * a {@link Failure} that says what is wrong and what to do.
 */
final class DockerChecks {

  private static final Duration CALL = Duration.ofSeconds(60);
  private static final Pattern VERSION = Pattern.compile("v?(\\d+)\\.(\\d+).*");
  private static final int OLDEST_ENGINE = 20_10;
  private static final int OLDEST_COMPOSE = 2_20;
  private static final int HUNDRED = 100;

  private DockerChecks() {}

  static void client() {
    if (Programs.find("docker").isEmpty()) {
      throw Failure.precondition(
          "The program docker is missing.",
          "Install Docker's engine and client: apt-get install docker.io");
    }
  }

  static void engine() {
    Command.Result answer =
        Command.run(CALL, List.of("docker", "version", "--format", "{{.Server.Version}}"));
    if (!answer.ok()) {
      throw Failure.precondition(
          "The Docker engine does not answer: " + lastLine(answer.output()),
          "Start it, correct DOCKER_HOST, or call this as a user who may use it.");
    }
    requireAtLeast("The Docker engine", answer.output(), OLDEST_ENGINE);
  }

  static void compose() {
    Command.Result answer = Command.run(CALL, List.of("docker", "compose", "version", "--short"));
    if (!answer.ok()) {
      throw Failure.precondition(
          "Docker's plugin compose is missing.",
          "Install Docker compose, version 2.20 or newer, as a plugin of the client.");
    }
    requireAtLeast("Docker compose", answer.output(), OLDEST_COMPOSE);
  }

  static void images() {
    for (String image : DockerSettings.images()) {
      if (!Command.run(CALL, List.of("docker", "image", "inspect", image)).ok()) {
        throw Failure.precondition(
            "The image " + image + " is missing.", "Build all of them: deploy/images/build");
      }
    }
  }

  /** The group that may use the engine's socket, for the provisioner in its container. */
  static int socketGroup(Path socket) {
    try {
      return (Integer) Files.getAttribute(socket, "unix:gid");
    } catch (IOException e) {
      throw Failure.precondition(
          "The Docker engine's socket " + socket + " cannot be found.",
          "The provisioner needs an engine on this machine: start it with this socket.");
    }
  }

  static void requireAtLeast(String what, String version, int oldest) {
    Matcher numbers = VERSION.matcher(version.strip());
    int found =
        numbers.matches()
            ? Integer.parseInt(numbers.group(1)) * HUNDRED + Integer.parseInt(numbers.group(2))
            : 0;
    if (found < oldest) {
      throw Failure.precondition(
          what + " is of version '" + version.strip() + "'.",
          "Version " + oldest / HUNDRED + "." + oldest % HUNDRED + " or newer is needed.");
    }
  }

  private static String lastLine(String output) {
    return output.lines().reduce((first, second) -> second).orElse("no output");
  }
}
