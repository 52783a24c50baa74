package io.shardguard.healthmonitor.core;

import io.shardguard.events.GroupTopology;
import io.shardguard.events.Lsn;
import java.util.Optional;

/** Answers whether a member may be used in a role, for load balancers. */
public final class Roles {

  private final Watch watch;

  /** Answers from what {@code watch} knows. */
  public Roles(Watch watch) {
    this.watch = watch;
  }

  /**
   * The answer to a question of a load balancer.
   *
   * @param reason in words
   */
  public record Answer(boolean yes, String reason) {}

  /** Takes writes, and is the one that was decided on, as far as a decision is known. */
  public Answer primary(Watched member) {
    if (!member.up()) {
      return notUp(member);
    }
    if (!member.upWritable()) {
      return new Answer(false, "is a standby");
    }
    GroupTopology decided = watch.topology().get(member.group());
    if (decided != null && !member.name().equals(decided.primary())) {
      return new Answer(false, "takes writes, but the primary is " + decided.primary());
    }
    return new Answer(true, "takes writes");
  }

  /** Answers as a standby. */
  public Answer standby(Watched member) {
    if (!member.up()) {
      return notUp(member);
    }
    return member.upWritable()
        ? new Answer(false, "takes writes")
        : new Answer(true, "is a standby");
  }

  /**
   * Answers as a standby that has replayed all but {@code bytes} of what its group's primary has
   * flushed.
   */
  public Answer standby(Watched member, long bytes) {
    Answer standby = standby(member);
    if (!standby.yes()) {
      return standby;
    }
    Optional<Long> lag = replayLag(member);
    if (lag.isEmpty()) {
      return new Answer(false, "its lag is not known: the primary's position is not");
    }
    return new Answer(lag.get() <= bytes, "replay lag " + lag.get() + " bytes, bound " + bytes);
  }

  /** Answers at all. */
  public Answer health(Watched member) {
    return member.up() ? new Answer(true, "answers") : notUp(member);
  }

  /**
   * Bytes that the primary has flushed and the standby has not replayed; empty if a position is not
   * known.
   */
  public Optional<Long> replayLag(Watched standby) {
    if (standby.status() == null || standby.status().replayLsn() == null) {
      return Optional.empty();
    }
    Lsn replayed = standby.status().replayLsn();
    return watch
        .primaryOf(standby.group())
        .filter(primary -> primary.status() != null && !primary.status().inRecovery())
        .map(primary -> Math.max(0, primary.status().flushLsn().minus(replayed)));
  }

  private static Answer notUp(Watched member) {
    Judgement judgement = member.judgement();
    String why = judgement.diagnosis() == null ? "" : ": " + judgement.diagnosis().sentence();
    return new Answer(false, "verdict " + judgement.verdict() + why);
  }
}
