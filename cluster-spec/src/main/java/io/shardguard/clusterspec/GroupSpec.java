package io.shardguard.clusterspec;

import io.shardguard.events.MemberAddress;
import java.util.List;

/**
 * A declared group.
 *
 * @param group Citus' group id: 0 is the coordinator, 1 and up are workers
 * @param members at least two, in the order of the declaration: the first is made first
 */
public record GroupSpec(int group, List<MemberAddress> members) {

  public GroupSpec {
    members = List.copyOf(members);
  }

  /** The member that is made anew, with an empty database; the others are its copies. */
  public MemberAddress first() {
    return members.getFirst();
  }
}
