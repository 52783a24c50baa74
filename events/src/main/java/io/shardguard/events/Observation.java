package io.shardguard.events;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One observer's view of every member: written to {@link Topics#OBSERVATIONS} on change and once a
 * second.
 *
 * @param observer the health-monitor instance
 * @param at when the view was put together
 * @param isolated the observer takes itself for cut off: its verdicts do not count
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Observation(String observer, Instant at, boolean isolated, List<MemberView> members) {

  /** The view of one member, if the observer knows it. */
  public Optional<MemberView> of(String member) {
    return members.stream().filter(view -> view.member().equals(member)).findFirst();
  }

  /** The observer's word on a member. */
  public enum Verdict {
    /** Not seen yet since the observer started, and not long enough for a verdict. */
    UNKNOWN,
    /** Answers. */
    UP,
    /** Alive by its answer, but not serving yet or no more. */
    STARTING,
    /** Fails, not yet long or clearly enough for more. */
    SUSPECT,
    /** The evidence says it is gone. */
    DOWN
  }

  /**
   * One member as the observer sees it.
   *
   * @param group the member's group
   * @param diagnosis why the verdict is not UP; null if it is
   * @param lastAnswer when it last answered; null if it never did
   * @param status its newest answer; null if it never answered
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record MemberView(
      int group,
      String member,
      Verdict verdict,
      Diagnosis diagnosis,
      Instant lastAnswer,
      MemberStatus status) {

    /** The same view with another verdict. */
    public MemberView judged(Verdict other, Diagnosis why) {
      return new MemberView(group, member, other, why, lastAnswer, status);
    }

    /** Answers, as a standby. */
    public boolean upInRecovery() {
      return verdict == Verdict.UP && status != null && status.inRecovery();
    }

    /** Answers, and takes writes. */
    public boolean upWritable() {
      return verdict == Verdict.UP && status != null && !status.inRecovery();
    }
  }

  /**
   * A member's own answer.
   *
   * @param inRecovery it is a standby
   * @param timeline of the WAL it writes (primary) or receives and replays (standby)
   * @param flushLsn primary: flushed; standby: the greater of received and replayed
   * @param replayLsn standby: replayed; null on a primary
   * @param synchronousStandbyNames the setting as in force
   * @param synchronousCommit the server's own setting; null if the observer did not ask
   * @param upstream the walreceiver; null if there is none
   * @param downstreams the walsenders to standbys
   * @param postmasterStart when the server started
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record MemberStatus(
      boolean inRecovery,
      Timeline timeline,
      Lsn flushLsn,
      Lsn replayLsn,
      String synchronousStandbyNames,
      String synchronousCommit,
      Upstream upstream,
      List<Downstream> downstreams,
      Instant postmasterStart) {

    /** The walsender to the named standby, if there is one. */
    public Optional<Downstream> downstream(String standby) {
      return downstreams.stream().filter(d -> d.standby().equals(standby)).findFirst();
    }
  }

  /**
   * A standby's walreceiver.
   *
   * @param status as in pg_stat_wal_receiver, e.g. {@code streaming}
   * @param lastMessageMillis age of the last message from the primary; null if there was none
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Upstream(String host, int port, String status, Long lastMessageMillis) {}

  /**
   * A primary's walsender.
   *
   * @param standby the application_name, which is the member's name
   * @param state as in pg_stat_replication, e.g. {@code streaming}
   * @param syncState as in pg_stat_replication: {@code async}, {@code potential}, {@code sync},
   *     {@code quorum}
   * @param flushLsn what the standby said it flushed; null if it said nothing yet
   * @param replyMillis age of the standby's newest message; null if there was none
   * @param stalledMillis for how long the standby has flushed nothing while WAL waited for it; null
   *     if it keeps up
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Downstream(
      String standby,
      String state,
      String syncState,
      Lsn flushLsn,
      Long replyMillis,
      Long stalledMillis) {

    /** The standby streams: it is neither catching up nor being copied. */
    public boolean streaming() {
      return "streaming".equals(state);
    }

    /** The primary's commits wait for this standby. */
    public boolean synchronous() {
      return "quorum".equals(syncState) || "sync".equals(syncState);
    }
  }
}
