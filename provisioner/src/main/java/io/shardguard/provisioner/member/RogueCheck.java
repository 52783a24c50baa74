package io.shardguard.provisioner.member;

import io.shardguard.events.GroupTopology;
import io.shardguard.events.GroupTopology.Sealing;
import io.shardguard.events.GroupTopology.Transition;
import io.shardguard.postgres.SessionException;
import io.shardguard.provisioner.core.Situation;
import io.shardguard.provisioner.member.MemberSql.Session;
import io.shardguard.provisioner.runtime.Member;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.TimeoutException;

/**
 * Whether a member takes writes without anybody having decided that it should. Needs nobody but the
 * member and the log: a promotion is in the log before it is carried out, so whoever is seen to
 * take writes, and is not being promoted according to a log that is read to its end after that, was
 * promoted by nobody, or replaced since.
 */
public final class RogueCheck {

  private final MemberSql sql;
  private final NewestTopology newest;

  /** A check by these sessions and this log. */
  public RogueCheck(MemberSql sql, NewestTopology newest) {
    this.sql = sql;
    this.newest = newest;
  }

  /**
   * Why the member is to be left alone; empty if it is a rogue, or does not answer and nothing in
   * the log speaks for it.
   *
   * @throws TimeoutException if the log's end was not reached: then nobody knows
   */
  public Optional<String> alibi(Member member) throws TimeoutException, InterruptedException {
    Optional<Boolean> inRecovery = inRecovery(member); // Before the look at the log.
    Optional<GroupTopology> topology = newest.of(member.group());
    if (inRecovery.orElse(false)) {
      return Optional.of("it is a standby");
    }
    return topology
        .map(group -> alibi(member.name(), group, inRecovery.isPresent()))
        .orElse(Optional.of("nothing is decided for its group"));
  }

  private static Optional<String> alibi(String member, GroupTopology group, boolean writable) {
    if (member.equals(group.primary())) {
      return Optional.of("it is the primary");
    }
    if (Situation.beingPromoted(group, member)) {
      return Optional.of("it is being promoted");
    }
    Transition open = group.transition();
    return !writable
            && open != null
            && open.step() instanceof Sealing s
            && s.toSeal().contains(member)
        ? Optional.of("it does not answer, and may be promoted")
        : Optional.empty();
  }

  private Optional<Boolean> inRecovery(Member member) throws InterruptedException {
    try (Session session = sql.open(member.address())) {
      return Optional.of(MemberQueries.live(session).inRecovery());
    } catch (SessionException | IOException noAnswer) {
      return Optional.empty();
    }
  }
}
