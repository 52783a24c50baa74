package io.shardguard.events;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;

/** How a group came to its primary, step by step; every record names its transition. */
public sealed interface TransitionEvent extends Event {

  /** The transition's id, unique for ever. */
  String transition();

  /**
   * The intent: committed before anything is touched.
   *
   * @param epoch of the primary to come
   * @param oldPrimary the primary until now; null in a group that never had one
   * @param oldPrimaryEnded it cannot act as a primary any more, whatever happens next
   * @param toSeal the members that must be sealed before one of them is promoted
   * @param reason the rule that fired, in words
   * @param evidence what was seen
   * @param successor of a switchover: who is to become the primary; null otherwise
   */
  @WireName("io.shardguard.transition-started.v1")
  record TransitionStarted(
      int group,
      String transition,
      TransitionKind kind,
      Epoch epoch,
      String oldPrimary,
      boolean oldPrimaryEnded,
      List<String> toSeal,
      String reason,
      List<String> evidence,
      @JsonInclude(JsonInclude.Include.NON_NULL) String successor)
      implements TransitionEvent, GroupEvent {

    /** Of any other kind than a switchover. */
    public TransitionStarted(
        int group,
        String transition,
        TransitionKind kind,
        Epoch epoch,
        String oldPrimary,
        boolean oldPrimaryEnded,
        List<String> toSeal,
        String reason,
        List<String> evidence) {
      this(
          group,
          transition,
          kind,
          epoch,
          oldPrimary,
          oldPrimaryEnded,
          toSeal,
          reason,
          evidence,
          null);
    }
  }

  /**
   * The member acknowledges nothing more to its old primary: its walreceiver was seen gone.
   *
   * @param timeline of the WAL it holds
   * @param lsn the greater of received and replayed
   * @param millis how long the sealing took
   */
  @WireName("io.shardguard.standby-sealed.v1")
  record StandbySealed(
      int group, String transition, String member, Timeline timeline, Lsn lsn, long millis)
      implements TransitionEvent, GroupEvent {}

  /**
   * The candidate is chosen and will be promoted; with this record the group is degraded: nobody is
   * eligible.
   *
   * @param rejected who was not chosen, and why
   */
  @WireName("io.shardguard.promotion-started.v1")
  record PromotionStarted(
      int group, String transition, String candidate, Lsn lsn, List<Rejected> rejected)
      implements TransitionEvent, GroupEvent {}

  /**
   * The promotion that follows may lose acknowledged commits, as an operator accepted.
   *
   * @param oldPrimary the only one that may have them
   * @param from the end of the candidate's WAL: nothing before it is lost
   * @param to the end of the old primary's WAL when it last answered; null if it never did. What it
   *     wrote later cannot be known
   */
  @WireName("io.shardguard.data-loss-accepted.v1")
  record DataLossAccepted(int group, String transition, String oldPrimary, Lsn from, Lsn to)
      implements TransitionEvent, GroupEvent {}

  /** A member that was not chosen. */
  record Rejected(String member, String reason) {}

  /** The member takes writes: the point of no return. */
  @WireName("io.shardguard.standby-promoted.v1")
  record StandbyPromoted(
      int group, String transition, String member, Timeline timeline, long millis)
      implements TransitionEvent, GroupEvent {}

  /**
   * The end of the old primary is a fact (or there is none): clients may be let in, two-phase
   * commits settled.
   */
  @WireName("io.shardguard.old-primary-ended.v1")
  record OldPrimaryEnded(int group, String transition, String member, String evidence)
      implements TransitionEvent, GroupEvent {}

  /**
   * Nobody can tell that the old primary's end is a fact, so every other member is to refuse it:
   * intent.
   *
   * @param member the old primary
   */
  @WireName("io.shardguard.barring-started.v1")
  record BarringStarted(int group, String transition, String member)
      implements TransitionEvent, GroupEvent {}

  /** A member's pg_dist_node was read back with the new primary in it. */
  @WireName("io.shardguard.metadata-updated.v1")
  record MetadataUpdated(int group, String transition, String member, long millis)
      implements TransitionEvent, GroupEvent {}

  /**
   * A step was left out for a member that is away: it is told when its own group next gets a
   * primary.
   *
   * @param step what was left out, e.g. {@code update-metadata}
   */
  @WireName("io.shardguard.step-skipped.v1")
  record StepSkipped(int group, String transition, String step, String member, String reason)
      implements TransitionEvent, GroupEvent {}

  /**
   * Nothing was promoted and nothing need be: the primary goes on, or another transition follows.
   */
  @WireName("io.shardguard.transition-abandoned.v1")
  record TransitionAbandoned(int group, String transition, String reason)
      implements TransitionEvent, GroupEvent {}

  /** The two-phase commits that the member had begun are settled. */
  @WireName("io.shardguard.two-phase-recovered.v1")
  record TwoPhaseRecovered(int group, String transition, String member, int settled, long millis)
      implements TransitionEvent, GroupEvent {}

  /**
   * Citus has brought the coordinator's metadata to the workers: DDL works again.
   *
   * @param member the coordinator's primary, which says so
   * @param millis how long it was waited for
   */
  @WireName("io.shardguard.metadata-synced.v1")
  record MetadataSynced(int group, String transition, String member, long millis)
      implements TransitionEvent, GroupEvent {}

  /** The group has its primary, and everybody who must know knows. */
  @WireName("io.shardguard.transition-completed.v1")
  record TransitionCompleted(int group, String transition, String primary, Epoch epoch, long millis)
      implements TransitionEvent, GroupEvent {}

  /**
   * A step did not work; it is tried again.
   *
   * @param outcome FAILED: surely not done; TIMED_OUT: unknown
   */
  @WireName("io.shardguard.step-failed.v1")
  record StepFailed(
      int group, String transition, String step, String member, Outcome outcome, String reason)
      implements TransitionEvent, GroupEvent {}

  /** How an action ended that did not succeed. */
  enum Outcome {
    FAILED,
    TIMED_OUT
  }
}
