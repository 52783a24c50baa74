package io.shardguard.cli.local;

import io.shardguard.cli.Failure;
import io.shardguard.events.MemberAddress;
import java.util.List;
import java.util.Optional;

/** The network of each member, where each has one of its own. */
public interface MemberNetworks {

  /** Those of an installation; empty if its members live on loopback addresses. */
  static Optional<MemberNetworks> of(Installation installation) {
    return installation.docker()
        ? Optional.of(new ContainerNetworks(installation))
        : NetworkNamespaces.of(installation).map(namespaces -> namespaces);
  }

  /** The declared members' names. */
  List<String> members();

  /**
   * A member's address.
   *
   * @throws Failure if no such member is declared
   */
  String address(String member);

  /** The address, or the network, that control plane, HAProxy and clients come from. */
  String observers();

  /**
   * Whether a member's network is there: a container that ends takes it, and every fault, along.
   */
  boolean isThere(String member);

  /** Runs a program as root, in a member's network. */
  Command.Result inside(String member, List<String> command);

  /** All processes in a member's network. */
  List<ProcessHandle> processes(String member);

  /**
   * The declared address of a member.
   *
   * @throws Failure if no such member is declared
   */
  static String address(Installation installation, String member) {
    return installation
        .spec()
        .members()
        .filter(each -> each.name().equals(member))
        .map(MemberAddress::host)
        .findFirst()
        .orElseThrow(() ->
            Failure.failed(
                "There is no member " + member + ".", "./shardguard status names the members."));
  }
}
