package io.shardguard.systemtests;

import io.shardguard.testkit.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Three machines, each with a Docker engine: this one, host-1, and two that deploy/hosts made.
 *
 * @param directory where it made them
 */
record Hosts(Path directory) {

  /** Set to that directory by ./shardguard test --docker, where the engine is its own. */
  static final String VARIABLE = "SHARDGUARD_TEST_HOSTS";

  private static final String SCRIPT = "../deploy/hosts";

  static Hosts ofTheEnvironment() {
    return new Hosts(Path.of(System.getenv(VARIABLE)));
  }

  /** A declaration of groups of two on all three. */
  String declaration() throws IOException {
    return "cluster: several\nruntime: docker\n"
        + Files.readString(directory.resolve("engines.yaml"))
        + """
        groups:
          - {group: 0, members: [coordinator-a, coordinator-b]}
          - {group: 1, members: [worker-1a, worker-1b]}
          - {group: 2, members: [worker-2a, worker-2b]}
          - {group: 3, members: [worker-3a, worker-3b]}
        """;
  }

  Path certificates() {
    return directory.resolve("certificates");
  }

  Stream<String> names() {
    return Stream.of("host-1", "host-2", "host-3");
  }

  /** The machine is off the network, with all that runs on it. */
  void lose(String host) {
    Command.outputOf(List.of(SCRIPT, "lose", directory.toString(), host));
  }

  /** It is back. */
  void find(String host) {
    Command.outputOf(List.of(SCRIPT, "find", directory.toString(), host));
  }

  /** The client docker, on a machine itself; what it printed, by lines. */
  List<String> docker(String host, String... words) {
    List<String> command = new ArrayList<>(List.of("docker"));
    if (!host.equals("host-1")) {
      command.addAll(List.of("--host", "unix://" + directory.resolve(host).resolve("docker.sock")));
    }
    command.addAll(List.of(words));
    return Command.outputOf(command).lines().toList();
  }
}
