package io.shardguard.cli.local;

import io.shardguard.cli.Failure;
import io.shardguard.clusterspec.ClusterSpec;
import io.shardguard.clusterspec.MemberNetwork;
import io.shardguard.events.MemberAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** What must be so before members get network namespaces. Every check changes nothing. */
final class NetworkChecks {

  private static final Map<String, String> PACKAGES =
      Map.of(
          "ip", "iproute2",
          "tc", "iproute2",
          "iptables", "iptables",
          "nsenter", "util-linux",
          "unshare", "util-linux");

  private NetworkChecks() {}

  /** The caller may make namespaces, and has the programs for it. */
  static void tools() {
    if (!RunUser.callerIsRoot()) {
      throw Failure.precondition(
          "Only root can give the members network namespaces of their own.",
          "Call this as root, or leave --network out.");
    }
    for (String program : PACKAGES.keySet().stream().sorted().toList()) {
      if (Programs.find(program).isEmpty()) {
        throw Failure.precondition(
            "The program " + program + " is missing, which --network namespaces needs.",
            "Install it: apt-get install " + PACKAGES.get(program));
      }
    }
  }

  /** The kernel lets the caller make network namespaces, and the cluster's user own them. */
  static void kernel(RunUser user) {
    Command.Result byRoot = tried(List.of("unshare", "--net", "true"));
    if (!byRoot.ok()) {
      throw Failure.precondition(
          "Network namespaces cannot be made here, not even by root: " + byRoot.output(),
          "Leave --network out, or give this container the capability SYS_ADMIN.");
    }
    Command.Result byUser =
        tried(user.as(List.of("unshare", "--user", "--map-current-user", "--net", "true")));
    if (!byUser.ok()) {
      throw Failure.precondition(
          "The user " + user.name() + " may not make namespaces here: " + byUser.output(),
          "Allow user namespaces (sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone), or leave"
              + " --network out.");
    }
  }

  private static Command.Result tried(List<String> command) {
    return Command.run(Duration.ofSeconds(30), command);
  }

  /** Every member's address is of the members' network, and nobody else uses that. */
  static void addresses(StateDirectory state, ClusterSpec spec, MemberNetwork network) {
    for (MemberAddress member : spec.members().toList()) {
      if (!network.contains(member.host()) || member.host().equals(network.machine())) {
        throw Failure.precondition(
            "The host "
                + member.host()
                + " of the member "
                + member.name()
                + " is not free in the members' network "
                + network
                + ".",
            "Leave the host out of the declaration: every member gets an address of that network.");
      }
    }
    FreeNetwork.require(network, state);
  }
}
