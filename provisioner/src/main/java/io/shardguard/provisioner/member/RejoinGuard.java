package io.shardguard.provisioner.member;

import io.shardguard.events.GroupTopology;
import io.shardguard.events.MemberAddress;
import io.shardguard.provisioner.runtime.Member;
import java.util.concurrent.TimeoutException;

/** The last look at the log before a member's upstream or data is touched. */
final class RejoinGuard {

  private final NewestTopology newest;

  RejoinGuard(NewestTopology newest) {
    this.newest = newest;
  }

  /** The log says, or does not say in time, that the work is not wanted any more. */
  static final class NotNowException extends Exception {
    private static final long serialVersionUID = 1L;

    NotNowException(String message) {
      super(message);
    }
  }

  /**
   * The member may be told to follow this primary: it takes writes, and no transition is about to
   * replace it.
   */
  GroupTopology requirePrimary(Member member, MemberAddress primary) throws NotNowException {
    GroupTopology topology = read(member);
    boolean same = topology.writable().filter(primary::equals).isPresent();
    if (!same || primary.name().equals(member.name())) {
      throw new NotNowException(primary.name() + " is not the primary to follow any more");
    }
    return topology;
  }

  /** The member's data may be destroyed: nobody relies on it. */
  void requireExpendable(Member member, MemberAddress primary) throws NotNowException {
    if (requirePrimary(member, primary).eligible().contains(member.name())) {
      throw new NotNowException(
          member.name() + " is eligible: its data stays until it is detached");
    }
  }

  private GroupTopology read(Member member) throws NotNowException {
    try {
      return newest
          .of(member.group())
          .orElseThrow(() -> new NotNowException("nothing is decided for group " + member.group()));
    } catch (TimeoutException e) {
      throw new NotNowException("the topology cannot be read to its end: " + e.getMessage());
    }
  }
}
