package io.shardguard.cli.local;

import io.shardguard.cli.Terminal;
import java.io.IOException;
import java.time.Duration;

/** Takes a cluster of containers down, with the services' help or without it. */
final class DockerStop {

  private static final Duration MEMBERS = Duration.ofSeconds(120);

  private final Installation installation;
  private final DockerStack stack;
  private final Terminal terminal;

  DockerStop(Installation installation, Terminal terminal) {
    this.installation = installation;
    this.stack = new DockerStack(installation);
    this.terminal = terminal;
  }

  /** Stops and removes all containers; volumes, and with them all data, stay. */
  void stop() {
    DockerChecks.client();
    DockerChecks.engine();
    boolean running = stack.running();
    if (running) {
      // First: a member that is stopped on purpose is no reason for a failover.
      stack.stop(
          installation.services().stream()
              .filter(process -> process.service() == Service.FAILOVER_COORDINATOR)
              .map(ServiceProcess::programName)
              .toList());
      terminal.step("No failover is decided any more");
      if (!membersByProvisioner()) {
        terminal.step("The provisioner does not answer: the members are ended by the engine");
      }
    }
    stack.removeContainers();
    terminal.step(
        running
            ? "Cluster "
                + installation.cluster()
                + " is down; its data are in volumes named "
                + stack.prefix()
                + "-…"
            : "Cluster " + installation.cluster() + " was not running");
  }

  /** Removes all volumes. */
  void removeData() {
    stack.removeVolumes();
  }

  private boolean membersByProvisioner() {
    try {
      terminal.step("Stopping the members");
      return new Health()
                  .call(
                      installation.ports().http(Service.PROVISIONER),
                      "POST",
                      "/cluster/stop",
                      MEMBERS)
                  .statusCode()
              / 100
          == 2;
    } catch (IOException e) {
      return false;
    }
  }
}
