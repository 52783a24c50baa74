package io.shardguard.events;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.shardguard.events.ReplicationEvent.Refusal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The newest decided state of one group: what {@link Topics#TOPOLOGY} holds, and all that
 * failover-coordinator remembers.
 *
 * @param cluster the cluster's name
 * @param group Citus' group id: 0 is the coordinator
 * @param members in the order of the declaration
 * @param epoch of {@code primary}; during a transition, of the primary to come once it is promoted
 * @param timeline of the primary's WAL; null before the first primary
 * @param primary who takes writes; null before the first
 * @param since when the primary was promoted; null before the first
 * @param eligible the standbys that surely hold every acknowledged commit
 * @param attach a standby that is becoming eligible; null if none
 * @param transition the open transition; null if there is none
 * @param refusal why a needed failover is not made; null if none is needed
 * @param fresh the member that was made with an empty database and may become the first primary;
 *     null if none
 * @param detach an eligible standby that is ceasing to be; null if none
 * @param orders what operators ordered that still holds; null if nothing
 * @param failovers when the group was failed over automatically, of late
 * @param loss what the last forced failover may have lost; null if there was none
 * @param barred the old primary that the other members refuse; null if none
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record GroupTopology(
    String cluster,
    int group,
    List<MemberAddress> members,
    Epoch epoch,
    Timeline timeline,
    String primary,
    Instant since,
    Set<String> eligible,
    Attach attach,
    Transition transition,
    Refusal refusal,
    String fresh,
    Detach detach,
    Orders orders,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Instant> failovers,
    Loss loss,
    Barred barred) {

  /** Older records lack the list. */
  public GroupTopology {
    failovers = failovers == null ? List.of() : List.copyOf(failovers);
  }

  /**
   * A group in which nothing is under way, and nothing was ordered or refused; the parameters are
   * those of the record.
   */
  public static GroupTopology steady(
      String cluster,
      int group,
      List<MemberAddress> members,
      Epoch epoch,
      Timeline timeline,
      String primary,
      Instant since,
      Set<String> eligible) {
    return new GroupTopology(
        cluster, group, members, epoch, timeline, primary, since, eligible, null, null, null, null,
        null, null, List.of(), null, null);
  }

  /** The record's key in {@link Topics#TOPOLOGY}. */
  @JsonIgnore
  public String key() {
    return cluster + "/" + group;
  }

  /**
   * The standbys that a failover must seal, all of them: each acknowledged commit is on one, and
   * the primary can get a commit acknowledged by any of them. While a further standby is attached
   * the primary may be waiting for it already.
   */
  @JsonIgnore
  public Set<String> quorum() {
    if (eligible.isEmpty() || attach == null) {
      return eligible;
    }
    Set<String> with = new TreeSet<>(eligible);
    with.add(attach.standby());
    return with;
  }

  /** An operator paused automatic failovers. */
  @JsonIgnore
  public boolean paused() {
    return orders != null && orders.pause() != null;
  }

  /** An operator took the member into maintenance. */
  public boolean inMaintenance(String member) {
    return orders != null && orders.maintenance().contains(member);
  }

  /** Takes writes, but cannot fail over: no standby is eligible. */
  @JsonIgnore
  public boolean degraded() {
    return primary != null && eligible.isEmpty();
  }

  /**
   * The member that clients' writes may go to: the primary, but not while its predecessor may still
   * act, nor while it is being replaced.
   */
  @JsonIgnore
  public Optional<MemberAddress> writable() {
    if (primary == null || (transition != null && !transition.step().clientsMayEnter())) {
      return Optional.empty();
    }
    return member(primary);
  }

  /** The address of a member of this group. */
  public Optional<MemberAddress> member(String name) {
    return members.stream().filter(m -> m.name().equals(name)).findFirst();
  }

  /** The members that are not the primary. */
  @JsonIgnore
  public List<MemberAddress> standbys() {
    return members.stream().filter(m -> !m.name().equals(primary)).toList();
  }

  /**
   * A standby on its way to be eligible.
   *
   * @param lsn what it must have flushed; null until the primary's setting is armed
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Attach(String standby, Lsn lsn) {}

  /**
   * An eligible standby on its way not to be, others staying so.
   *
   * @param lsn what one of the others must have flushed; null until the primary waits for them
   *     alone
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Detach(String standby, Lsn lsn) {}

  /**
   * Standing orders of operators.
   *
   * @param pause no automatic failovers; null if they are made
   * @param maintenance the members that are not counted on
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Orders(Paused pause, Set<String> maintenance) {

    /** Without maintenance the set may be missing. */
    public Orders {
      maintenance = maintenance == null ? Set.of() : new TreeSet<>(maintenance);
    }
  }

  /**
   * An old primary whose end was not a fact when its successor was let in (design I5).
   *
   * @param by who refuses it
   * @param ended its end is a fact by now: it is being admitted again
   */
  public record Barred(String member, Set<String> by, boolean ended) {

    /** In one order. */
    public Barred {
      by = by == null ? Set.of() : new TreeSet<>(by);
    }
  }

  /** Since when automatic failovers are paused, and who asked for it. */
  public record Paused(Instant since, String by) {}

  /**
   * What a forced failover may have lost.
   *
   * @param oldPrimary whose data may still have it
   * @param from up to here the new primary has everything
   * @param to how far the old primary was known to have written; null if it is not known
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Loss(String transition, String oldPrimary, Lsn from, Lsn to, Instant at) {}

  /**
   * An open transition.
   *
   * @param id unique for ever
   * @param epoch of the primary to come
   * @param oldPrimary the primary that is replaced or resumes; null if there was none
   * @param oldPrimaryEnded that member's end as a primary is a fact
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Transition(
      String id,
      TransitionKind kind,
      Epoch epoch,
      String oldPrimary,
      boolean oldPrimaryEnded,
      Instant startedAt,
      Step step) {

    /**
     * The old primary is given up, so the runtime must end it. A switchover may be abandoned until
     * its candidate is chosen.
     */
    public boolean replacesPrimary() {
      return kind.replacesPrimary()
          || (kind == TransitionKind.SWITCHOVER && !(step instanceof Sealing));
    }

    /** The same transition at another step. */
    public Transition at(Step next) {
      return new Transition(id, kind, epoch, oldPrimary, oldPrimaryEnded, startedAt, next);
    }

    /** The same transition, the old primary's end known. */
    public Transition withOldPrimaryEnded() {
      return new Transition(id, kind, epoch, oldPrimary, true, startedAt, step);
    }
  }

  /** Where a transition stands; each has what is known then. */
  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "at")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = Sealing.class, name = "sealing"),
    @JsonSubTypes.Type(value = Promoting.class, name = "promoting"),
    @JsonSubTypes.Type(value = Fencing.class, name = "fencing"),
    @JsonSubTypes.Type(value = UpdatingMetadata.class, name = "updating-metadata"),
    @JsonSubTypes.Type(value = SettlingTwoPhase.class, name = "settling-two-phase"),
    @JsonSubTypes.Type(value = SyncingMetadata.class, name = "syncing-metadata")
  })
  public sealed interface Step {

    /** The old primary's end is a fact and the new one takes writes. */
    @JsonIgnore
    boolean clientsMayEnter();
  }

  /**
   * Members are made to acknowledge nothing more.
   *
   * @param toSeal who must be sealed
   * @param sealed who is, and up to where its WAL reaches
   * @param successor of a switchover: who is to become the primary, and is sealed last; null
   *     otherwise
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Sealing(Set<String> toSeal, Map<String, WalEnd> sealed, String successor)
      implements Step {

    /** Of any other kind than a switchover. */
    public Sealing(Set<String> toSeal, Map<String, WalEnd> sealed) {
      this(toSeal, sealed, null);
    }

    @Override
    public boolean clientsMayEnter() {
      return false;
    }
  }

  /** Where a sealed member's WAL ends. */
  public record WalEnd(Timeline timeline, Lsn lsn) {}

  /** The candidate is being promoted. */
  public record Promoting(String candidate) implements Step {
    @Override
    public boolean clientsMayEnter() {
      return false;
    }
  }

  /** Promoted; the end of the old primary is not a fact yet. */
  public record Fencing() implements Step {
    @Override
    public boolean clientsMayEnter() {
      return false;
    }
  }

  /**
   * The primaries of all groups are told who the new one is.
   *
   * @param pending who is still to be told
   * @param told who knows
   */
  public record UpdatingMetadata(Set<String> pending, Set<String> told) implements Step {
    @Override
    public boolean clientsMayEnter() {
      return true;
    }
  }

  /** Two-phase commits are settled. {@code pending}: on whom still. */
  public record SettlingTwoPhase(Set<String> pending) implements Step {
    @Override
    public boolean clientsMayEnter() {
      return true;
    }
  }

  /**
   * Citus brings the coordinator's metadata to all workers, and refuses DDL until it has.
   *
   * @param pending the coordinator, until it says that this is done; empty if there is none to ask
   * @param since when this was first waited for
   */
  public record SyncingMetadata(Set<String> pending, Instant since) implements Step {
    @Override
    public boolean clientsMayEnter() {
      return true;
    }
  }
}
