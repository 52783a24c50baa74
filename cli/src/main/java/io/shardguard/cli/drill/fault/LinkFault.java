package io.shardguard.cli.drill.fault;

/** What can happen to a member's network, as drills choose among {@link NetworkFault}s. */
public enum LinkFault {
  CUT_FROM_EVERYBODY("cut off from everybody"),
  CUT_FROM_OBSERVERS("cut off from control plane and clients"),
  CUT_WITHIN_GROUP("cut off from the others of its group"),
  DEAF("nothing comes in"),
  MUTE("nothing goes out"),
  SLOW("slow link");

  private final String words;

  LinkFault(String words) {
    this.words = words;
  }

  /** For reports. */
  public String words() {
    return words;
  }
}
