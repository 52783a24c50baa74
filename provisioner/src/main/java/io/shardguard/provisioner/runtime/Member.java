package io.shardguard.provisioner.runtime;

import io.shardguard.events.MemberAddress;

/** A declared member and its place on disk. */
public record Member(int group, MemberAddress address, MemberFiles files) {

  /** The member's name. */
  public String name() {
    return address.name();
  }
}
