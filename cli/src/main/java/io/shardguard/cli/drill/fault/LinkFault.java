package io.shardguard.cli.drill.fault;

import io.shardguard.cli.local.Installation;
import io.shardguard.cli.local.Installation.NetworkChoice;
import java.util.Arrays;
import java.util.List;

/** What can happen to a member's network, as drills choose among {@link NetworkFault}s. */
public enum LinkFault {
  CUT_FROM_EVERYBODY("cut off from everybody"),
  CUT_FROM_OBSERVERS("cut off from control plane and clients"),
  CUT_WITHIN_GROUP("cut off from the others of its group"),
  DEAF("nothing comes in"),
  MUTE("nothing goes out"),
  SLOW("slow link"),
  LOSSY("lossy link"),
  /** Its container is taken off the cluster's network by the engine. */
  DISCONNECTED("disconnected by the engine");

  private final String words;

  LinkFault(String words) {
    this.words = words;
  }

  /** For reports. */
  public String words() {
    return words;
  }

  /** Those that can be brought about in a cluster; none if its members share one network. */
  public static List<LinkFault> possibleIn(Installation installation) {
    if (!installation.docker() && installation.networkChoice() != NetworkChoice.NAMESPACES) {
      return List.of();
    }
    return Arrays.stream(values())
        .filter(fault -> fault != DISCONNECTED || installation.docker())
        .toList();
  }
}
