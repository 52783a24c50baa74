package io.shardguard.failover.core;

import io.shardguard.events.MemberAddress;
import java.util.Map;
import java.util.Set;

/**
 * Work on one member that the core asks for. Each may be asked for again while its step is open, so
 * each is idempotent: it looks before it acts and reads back after.
 */
public sealed interface Action {

  int group();

  /** The member that the work is done on. */
  String member();

  /**
   * Actions of one lane on one member run one after the other, in the order in which they were
   * asked for.
   */
  default Lane lane() {
    return switch (this) {
      case Seal a -> Lane.CONTROL;
      case Promote a -> Lane.CONTROL;
      case ArmSynchronous a -> Lane.CONTROL;
      case RelaxSynchronous a -> Lane.CONTROL;
      case Bar a -> Lane.CONTROL;
      case Admit a -> Lane.CONTROL;
      case UpdateMetadata a -> Lane.METADATA;
      case RecoverTwoPhase a -> Lane.METADATA;
      case LookForSync a -> Lane.METADATA;
    };
  }

  /** The wire name of the step, for events about it. */
  default String step() {
    return switch (this) {
      case Seal a -> "seal";
      case Promote a -> "promote";
      case ArmSynchronous a -> "arm-synchronous";
      case RelaxSynchronous a -> "relax-synchronous";
      case Bar a -> "bar";
      case Admit a -> "admit";
      case UpdateMetadata a -> "update-metadata";
      case RecoverTwoPhase a -> "recover-two-phase";
      case LookForSync a -> LookForSync.STEP;
    };
  }

  /** What may not wait for what: the two kinds of work on a member have a session each. */
  enum Lane {
    /** Replication and roles. */
    CONTROL,
    /** Citus' metadata and two-phase commits. */
    METADATA
  }

  /** Make sure that the standby acknowledges nothing more to its primary. */
  record Seal(int group, String transition, String member) implements Action {}

  /** Make the sealed member take writes, waiting for no standby. */
  record Promote(int group, String transition, String member) implements Action {}

  /**
   * Tell a member who the groups' primaries are.
   *
   * @param transition the one that it belongs to; null in quiet times
   * @param primaries by group; groups that are not in it stay as they are
   */
  record UpdateMetadata(
      int group, String transition, String member, Map<Integer, MemberAddress> primaries)
      implements Action {}

  /**
   * Settle the two-phase commits that the member began.
   *
   * @param transition the one that it belongs to; null in quiet times
   */
  record RecoverTwoPhase(int group, String transition, String member) implements Action {}

  /**
   * See whether Citus has brought the coordinator's metadata to the workers, which it does by
   * itself: it refuses DDL before that.
   *
   * @param member the coordinator's primary
   * @param groups the workers that count: others are away, and told when they are back
   */
  record LookForSync(int group, String transition, String member, Set<Integer> groups)
      implements Action {

    static final String STEP = "look-for-sync";
  }

  /**
   * Make the primary wait for one of the standbys, surely.
   *
   * @param standby the one that is being attached or detached
   * @param change counts what the primary was asked to wait for: the end of one that was overtaken
   *     proves nothing, since what overtook it may be carried out after it
   */
  record ArmSynchronous(int group, String member, String standby, Set<String> standbys, int change)
      implements Action {

    /** The value of synchronous_standby_names that says so. */
    public String names() {
      return Quorum.names(standbys);
    }
  }

  /** Make the member refuse an old primary of this group, and end what that one has open there. */
  record Bar(int group, String member, MemberAddress old) implements Action {}

  /** Make the member admit it again. */
  record Admit(int group, String member, MemberAddress old) implements Action {}

  /** Make the primary wait for nobody. */
  record RelaxSynchronous(int group, String member) implements Action {}
}
