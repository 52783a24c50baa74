package io.shardguard.healthmonitor.core;

import io.shardguard.events.MemberAddress;
import io.shardguard.events.Observation.MemberStatus;
import io.shardguard.events.Observation.Upstream;
import io.shardguard.healthmonitor.core.ProbeResult.Answered;
import io.shardguard.healthmonitor.core.ProbeResult.Broken;
import io.shardguard.healthmonitor.core.ProbeResult.NewSession;
import io.shardguard.healthmonitor.core.ProbeResult.Outcome;
import io.shardguard.healthmonitor.core.ProbeResult.Refused;
import io.shardguard.healthmonitor.core.ProbeResult.Rejected;
import io.shardguard.healthmonitor.core.ProbeResult.TimedOut;
import java.time.Duration;
import java.time.Instant;

/**
 * What is remembered of one member's probes.
 *
 * @param since when the watch over it began
 * @param answer its newest answer; null if it never gave one
 * @param lastSign when it last gave any sign of life; null if never
 * @param failure what went wrong since its last answer; null if nothing
 * @param newSession how the newest separate new session fared
 * @param exit the newest end of its process that the runtime reported; null if none
 * @param streamedFrom host:port of the server it last streamed from; null if it never did
 * @param walsenders what its answers as a primary said of its standbys, one after the other
 */
public record History(
    Instant since,
    Answer answer,
    Instant lastSign,
    Failure failure,
    NewSession newSession,
    Exit exit,
    String streamedFrom,
    Walsenders walsenders) {

  /** An answer, when its question was sent, and when it came. */
  public record Answer(Instant askedAt, Instant receivedAt, MemberStatus status) {}

  /**
   * What goes wrong.
   *
   * @param since when the member began to fail, in whatever way, after its last sign of life
   */
  public record Failure(Kind kind, Instant since, String words) {}

  /** The kinds of failure. */
  public enum Kind {
    BROKEN(false),
    SILENT(false),
    REFUSED(false),
    STARTING(true),
    TOO_MANY_CONNECTIONS(true),
    LOGIN_REJECTED(true);

    private final boolean signOfLife;

    Kind(boolean signOfLife) {
      this.signOfLife = signOfLife;
    }

    /** The server itself said so. */
    public boolean signOfLife() {
      return signOfLife;
    }
  }

  /** The end of the member's process. */
  public record Exit(Instant at, String reason) {}

  /** The history of a member whose watch begins. */
  public static History begin(Instant now) {
    NewSession accepted = new NewSession(Outcome.ACCEPTED, "");
    return new History(now, null, null, null, accepted, null, null, Walsenders.NONE);
  }

  /**
   * This history and one more result.
   *
   * @param successive answers further apart than this do not follow each other
   */
  public History after(ProbeResult result, Instant now, Duration successive) {
    return switch (result) {
      case Answered answered -> answered(answered, now, successive);
      case Refused refused -> failing(Kind.REFUSED, refused.reason(), now);
      case TimedOut timedOut -> failing(Kind.SILENT, timedOut.what(), now);
      // A break after a refusal or a time-out tells nothing new.
      case Broken broken -> failure == null ? failing(Kind.BROKEN, broken.reason(), now) : this;
      case Rejected rejected -> rejected(rejected, now);
      case NewSession session ->
          new History(since, answer, lastSign, failure, session, exit, streamedFrom, walsenders);
    };
  }

  /** This history and the end of the member's process. */
  public History exited(Exit end) {
    boolean newer = exit == null || end.at().isAfter(exit.at());
    return newer
        ? new History(since, answer, lastSign, failure, newSession, end, streamedFrom, walsenders)
        : this;
  }

  /** The process ended, and no sign of life is younger than that. */
  public boolean ended() {
    return exit != null && (lastSign == null || !lastSign.isAfter(exit.at()));
  }

  /** The member gave a sign of life after {@code moment}. */
  public boolean signAfter(Instant moment) {
    return lastSign != null && lastSign.isAfter(moment);
  }

  /**
   * For how long the member has been silent.
   *
   * @param attentiveSince since when the observer has looked without a gap
   */
  public Duration silence(Instant now, Instant attentiveSince) {
    Instant heard = lastSign == null ? since : lastSign;
    // A sign from the future: the clock was set back, and the gap in attention that this made
    // counts.
    boolean unusable = heard.isAfter(now) || heard.isBefore(attentiveSince);
    return Duration.between(unusable ? attentiveSince : heard, now);
  }

  /** The member has streamed from this one. */
  public boolean streamedFrom(MemberAddress member) {
    return member.hostAndPort().equals(streamedFrom);
  }

  /** Its newest status; null if it never answered. */
  public MemberStatus status() {
    return answer == null ? null : answer.status();
  }

  private History answered(Answered answered, Instant now, Duration successive) {
    MemberStatus status = Lineage.withKnownTimeline(status(), answered.status());
    Walsenders heard = walsenders.after(status, answered.askedAt(), now, successive);
    Upstream upstream = status.upstream();
    String from =
        upstream == null || !Testimony.streams(upstream)
            ? streamedFrom
            : upstream.host() + ":" + upstream.port();
    return new History(
        since,
        new Answer(answered.askedAt(), now, heard.measured(status, now)),
        answered.askedAt(),
        null,
        newSession,
        exit,
        from,
        heard);
  }

  private History rejected(Rejected rejected, Instant now) {
    Kind kind =
        switch (rejected.sqlState()) {
          case "57P03" -> Kind.STARTING;
          case "53300" -> Kind.TOO_MANY_CONNECTIONS;
          default -> Kind.LOGIN_REJECTED;
        };
    String words = rejected.reason() + " (SQLSTATE " + rejected.sqlState() + ")";
    boolean same = failure != null && failure.kind() == kind;
    Failure next = new Failure(kind, same ? failure.since() : now, words);
    return new History(
        since, answer, rejected.askedAt(), next, newSession, exit, streamedFrom, walsenders);
  }

  private History failing(Kind kind, String words, Instant now) {
    boolean goesOn = failure != null && !failure.kind().signOfLife();
    Failure next = new Failure(kind, goesOn ? failure.since() : now, words);
    return new History(since, answer, lastSign, next, newSession, exit, streamedFrom, walsenders);
  }
}
