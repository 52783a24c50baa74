package io.shardguard.cli.drill.fault;

import io.shardguard.cli.Failure;
import io.shardguard.cli.local.Command;
import io.shardguard.cli.local.DockerStack;
import io.shardguard.cli.local.Installation;
import io.shardguard.cli.local.MemberNetworks;
import java.time.Duration;

/**
 * Takes members' containers off the cluster's network, and puts them back: other than with a cut,
 * the interface itself is gone, and the member's own packets are refused at once.
 */
final class EngineDisconnect {

  private static final Duration CALL = Duration.ofSeconds(30);

  private final Installation installation;
  private final DockerStack stack;

  /**
   * Disconnects of an installation.
   *
   * @throws Failure if its members are no containers
   */
  EngineDisconnect(Installation installation) {
    if (!installation.docker()) {
      throw Failure.precondition(
          "The members of cluster " + installation.cluster() + " are no containers.",
          "Make a cluster with ./shardguard up --docker, or cut the member off in another way.");
    }
    this.installation = installation;
    this.stack = new DockerStack(installation);
  }

  /** Returns how it is undone. */
  Runnable inflict(String member) {
    Command.Result result =
        stack.docker(
            member, CALL, "network", "disconnect", stack.network(), stack.container(member));
    if (!result.ok()) {
      throw Failure.failed(
          member + " cannot be disconnected: " + result.output(), "Look at ./shardguard status.");
    }
    return () -> undo(member);
  }

  /** A container that ended meanwhile is not there, or was made anew, and is connected. */
  private void undo(String member) {
    if (!disconnected(member)) {
      return;
    }
    Command.Result result =
        stack.docker(
            member,
            CALL,
            "network",
            "connect",
            "--ip",
            MemberNetworks.address(installation, member),
            "--alias",
            member,
            stack.network(),
            stack.container(member));
    if (!result.ok() && disconnected(member)) {
      throw Failure.failed(
          member + " cannot be connected again: " + result.output(),
          "End its container, docker kill " + stack.container(member) + ": it is made anew.");
    }
  }

  private boolean disconnected(String member) {
    Command.Result networks =
        stack.docker(
            member,
            CALL,
            "inspect",
            "-f",
            "{{if .State.Running}}{{range $name, $_ := .NetworkSettings.Networks}}{{$name}} {{end}}-{{end}}",
            stack.container(member));
    return networks.ok()
        && networks.output().endsWith("-")
        && !networks.output().contains(stack.network() + " ");
  }
}
