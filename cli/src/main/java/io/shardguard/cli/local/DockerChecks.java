package io.shardguard.cli.local;

import io.shardguard.cli.Failure;
import io.shardguard.clusterspec.ClusterSpec;
import io.shardguard.clusterspec.EngineSpec;
import io.shardguard.clusterspec.MemberNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
  private static final String UNIX = "unix://";

  private DockerChecks() {}

  static void client() {
    if (Programs.find("docker").isEmpty()) {
      throw Failure.precondition(
          "The program docker is missing.",
          "Install Docker's engine and client: apt-get install docker.io");
    }
  }

  /** The engine of this machine. */
  static void engine() {
    engine(EngineClient.HERE);
  }

  /** An engine answers, and is new enough. */
  static void engine(EngineClient engine) {
    Command.Result answer = engine.call(CALL, "version", "--format", "{{.Server.Version}}");
    if (!answer.ok()) {
      throw Failure.precondition(
          "The Docker engine " + engine.name() + " does not answer: " + lastLine(answer.output()),
          engine.remote()
              ? "Start it, correct its host in the declaration, or its certificates (--certificates)."
              : "Start it, correct DOCKER_HOST, or call this as a user who may use it.");
    }
    requireAtLeast("The Docker engine " + engine.name(), answer.output(), OLDEST_ENGINE);
  }

  /** Where the engine of this machine listens. */
  static Path socket() {
    Command.Result answer =
        Command.run(
            CALL,
            List.of("docker", "context", "inspect", "--format", "{{.Endpoints.docker.Host}}"));
    if (!answer.ok() || !answer.output().startsWith(UNIX)) {
      throw Failure.precondition(
          "The client docker talks to an engine that is not on this machine: "
              + lastLine(answer.output()),
          "The control plane runs here: correct DOCKER_HOST. Members can be elsewhere: docs/deploy.md.");
    }
    return Path.of(answer.output().strip().substring(UNIX.length()));
  }

  /**
   * Every declared engine can be used.
   *
   * @param socket of this machine's
   */
  static void engines(ClusterSpec spec, Path certificates, Path socket) {
    for (EngineSpec engine : spec.engines()) {
      if (engine.tls()) {
        certificates(engine, engine.certificates(certificates));
      } else if (!engine.host().equals(UNIX + socket)) {
        throw Failure.precondition(
            "The declaration has the engine "
                + engine.name()
                + " at "
                + engine.host()
                + ", and the client docker uses that at "
                + UNIX
                + socket
                + ".",
            "Correct one of the two: the engine's host, or DOCKER_HOST.");
      }
    }
    for (EngineClient engine : EngineClient.elsewhere(spec, certificates)) {
      engine(engine);
      image(engine, DockerSettings.memberImage());
    }
  }

  private static void certificates(EngineSpec engine, Path directory) {
    for (String file : EngineSpec.CERTIFICATES) {
      if (!Files.isReadable(directory.resolve(file))) {
        throw Failure.precondition(
            "There is no "
                + directory.resolve(file)
                + " for the Docker engine "
                + engine.name()
                + ".",
            "Name the directory by --certificates: for each engine at tcp:// it has a directory of its name,"
                + " with ca.pem, cert.pem and key.pem.");
      }
    }
  }

  /**
   * The members' addresses in a network that spans the engines.
   *
   * @throws Failure if it is not there on each engine, or two of them could give the same address
   *     to different containers
   */
  static MemberNetwork network(ClusterSpec spec, String name, Path certificates) {
    List<EngineClient> engines = new ArrayList<>(List.of(EngineClient.HERE));
    engines.addAll(EngineClient.elsewhere(spec, certificates));
    Map<String, EngineClient> ranges = new HashMap<>();
    MemberNetwork network = null;
    for (EngineClient engine : engines) {
      String[] words = addresses(engine, name);
      network = network(name, engine, words[0], network);
      String range = words.length < 2 ? "all" : words[1];
      if (!range.matches(Pattern.quote(network.prefix()) + "\\.[0-7]\\.0/24")) {
        throw unfit(
            name,
            engine,
            "it gives out "
                + range
                + "; an engine is to give out a /24 below "
                + network.prefix()
                + ".8.0");
      }
      EngineClient other = ranges.put(range, engine);
      if (other != null) {
        throw unfit(name, engine, "it gives out " + range + ", as does the engine " + other.name());
      }
    }
    return network;
  }

  /** The subnet, and what the engine gives out of it. */
  private static String[] addresses(EngineClient engine, String name) {
    Command.Result answer =
        engine.call(
            CALL,
            "network",
            "inspect",
            name,
            "--format",
            "{{(index .IPAM.Config 0).Subnet}} {{(index .IPAM.Config 0).IPRange}}");
    if (!answer.ok()) {
      throw unfit(name, engine, lastLine(answer.output()));
    }
    return answer.output().strip().split(" ", 2);
  }

  private static MemberNetwork network(
      String name, EngineClient engine, String subnet, MemberNetwork onOthers) {
    try {
      MemberNetwork network = MemberNetwork.of(subnet);
      if (onOthers != null && !onOthers.equals(network)) {
        throw new IllegalArgumentException("it is " + network + ", and elsewhere " + onOthers);
      }
      return network;
    } catch (IllegalArgumentException e) {
      throw unfit(name, engine, e.getMessage());
    }
  }

  private static Failure unfit(String network, EngineClient engine, String why) {
    return Failure.precondition(
        "The network "
            + network
            + " on the Docker engine "
            + engine.name()
            + " cannot be that of the members: "
            + why
            + ".",
        "Make it with deploy/network on every machine: docs/deploy.md.");
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

  /** What the engine of this machine runs for the control plane. */
  static void images() {
    DockerSettings.images().forEach(image -> image(EngineClient.HERE, image));
  }

  /** An engine has an image. */
  static void image(EngineClient engine, String image) {
    if (!engine.call(CALL, "image", "inspect", image).ok()) {
      throw Failure.precondition(
          "The image " + image + " is missing on the Docker engine " + engine.name() + ".",
          engine.remote()
              ? "Bring it there: docker save " + image + " here, docker load there."
              : "Build all of them: deploy/images/build");
    }
  }

  /** The group that may use the engine's socket, for the provisioner in its container. */
  static int socketGroup(Path socket) {
    try {
      return (Integer) Files.getAttribute(socket, "unix:gid");
    } catch (IOException e) {
      throw Failure.precondition(
          "The Docker engine's socket " + socket + " cannot be found.",
          "Start the engine, or correct DOCKER_HOST.");
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
