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
    if (topology.inMaintenance(member.name())) {
      throw new NotNowException(member.name() + " is in maintenance");
    }
    return topology;
  }

  /**
   * The member's data may be destroyed: nobody relies on it, and nobody can come to rely on it
   * while it does not run. To be called once more when it has been stopped: what is decided after
   * that can promote it only when it runs again.
   */
  GroupTopology requireExpendable(Member member, MemberAddress primary) throws NotNowException {
    GroupTopology topology = requirePrimary(member, primary);
    if (topology.eligible().contains(member.name()) || topology.quorum().contains(member.name())) {
      throw new NotNowException(
          member.name() + " is eligible, or becoming so: its data stays until it is detached");
    }
    return topology;
  }

  private GroupTopology read(Member member) throws NotNowException {
    try {
      return newest
          .of(member.group())
          .orElseThrow(() -> new NotNowException("nothing is decided for group " + member.group()));
    } catch (TimeoutException | IllegalStateException e) {
      throw new NotNowException("the topology cannot be read to its end: " + e.getMessage());
    }
  }
}
