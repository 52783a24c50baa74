package io.shardguard.provisioner.member;

import io.shardguard.events.GroupTopology;
import io.shardguard.provisioner.runtime.Member;

/** What a member's loop wants of those who end members. */
public interface MemberFence {

  /** The member was fenced for the group's open transition. */
  boolean isDone(GroupTopology topology, Member member);

  /** Ends a member that takes writes, if nobody decided that it should. Returns at once. */
  void expel(Member member);
}
