package io.shardguard.failover.explain;

import io.shardguard.events.GroupTopology;
import io.shardguard.events.GroupTopology.Fencing;
import io.shardguard.events.GroupTopology.Promoting;
import io.shardguard.events.GroupTopology.Sealing;
import io.shardguard.events.GroupTopology.SettlingTwoPhase;
import io.shardguard.events.GroupTopology.SyncingMetadata;
import io.shardguard.events.GroupTopology.Transition;
import io.shardguard.events.GroupTopology.UpdatingMetadata;
import io.shardguard.events.MemberAddress;
import io.shardguard.events.Observation.Downstream;
import io.shardguard.events.Observation.MemberView;
import io.shardguard.events.Observation.Verdict;
import io.shardguard.failover.core.ClusterState;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What a group waits for. */
final class Blocking {

  private final ClusterState state;
  private final GroupTopology group;

  private Blocking(ClusterState state, GroupTopology group) {
    this.state = state;
    this.group = group;
  }

  /** A sentence for each thing that is waited for; empty if the group is whole. */
  static List<String> of(ClusterState state, GroupTopology group) {
    Blocking blocking = new Blocking(state, group);
    return group.transition() == null ? blocking.steady() : blocking.open(group.transition());
  }

  private List<String> open(Transition open) {
    return switch (open.step()) {
      case Sealing s ->
          waiting(
              "to be sealed", s.toSeal().stream().filter(m -> !s.sealed().containsKey(m)).toList());
      case Promoting p -> waiting("to take writes", List.of(p.candidate()));
      case Fencing f ->
          List.of(
              "Nobody says yet that the end of "
                  + open.oldPrimary()
                  + " is a fact: "
                  + belief(open.oldPrimary()));
      case UpdatingMetadata u -> waiting("to be told of the new primary", u.pending());
      case SettlingTwoPhase t -> waiting("to have its two-phase commits settled", t.pending());
      case SyncingMetadata m -> waiting("to see that every worker has its metadata", m.pending());
    };
  }

  private List<String> waiting(String what, Collection<String> members) {
    return members.isEmpty()
        ? List.of("Nothing is waited for: the next observation ends this step.")
        : members.stream().map(m -> m + " is " + what + ": " + belief(m)).toList();
  }

  private List<String> steady() {
    if (group.primary() == null) {
      return List.of(
          group.fresh() == null
              ? "No member of the group was made with an empty database yet."
              : group.fresh() + " is to become the first primary: " + belief(group.fresh()));
    }
    List<String> lines = new ArrayList<>();
    Optional<MemberView> primary = state.view(group.primary());
    if (primary.isEmpty() || !primary.get().upWritable()) {
      lines.add("The primary does not serve: " + belief(group.primary()));
    }
    if (group.paused()) {
      lines.add("Automatic failovers are paused by " + group.orders().pause().by() + ".");
    }
    if (group.attach() != null) {
      lines.add(
          group.attach().standby()
              + " is becoming eligible: "
              + (group.attach().lsn() == null
                  ? "the primary is being told to wait for it"
                  : "it must have flushed " + group.attach().lsn()));
    } else if (group.degraded()) {
      lines.add("No standby is eligible: the group takes writes and cannot fail over.");
      group.standbys().stream().map(this::notEligible).forEach(lines::add);
    }
    return lines;
  }

  private String notEligible(MemberAddress standby) {
    String name = standby.name();
    if (group.inMaintenance(name)) {
      return name + " is in maintenance";
    }
    Optional<MemberView> view = state.view(name);
    if (view.isPresent() && view.get().upInRecovery()) {
      if (view.get().status().upstream() == null) {
        return name + " is a standby and streams from nobody";
      }
      return stream(name)
          .map(s ->
              name
                  + " is "
                  + s.state()
                  + ", has flushed "
                  + s.flushLsn()
                  + "; it is attached once it is close behind")
          .orElse(name + " receives, but the primary shows no stream to it");
    }
    return belief(name);
  }

  private Optional<Downstream> stream(String standby) {
    return state
        .view(group.primary())
        .map(MemberView::status)
        .flatMap(status -> status.downstream(standby));
  }

  private String belief(String member) {
    Optional<MemberView> view = state.view(member);
    if (view.isEmpty()) {
      return member + " was never seen, as far as the log says";
    }
    return member
        + " is "
        + word(view.get().verdict())
        + (view.get().diagnosis() == null ? "" : " (" + view.get().diagnosis().sentence() + ")")
        + (view.get().upWritable() ? ", it takes writes" : "")
        + (view.get().upInRecovery() ? ", as a standby" : "");
  }

  private static String word(Verdict verdict) {
    return switch (verdict) {
      case UNKNOWN -> "not seen yet";
      case UP -> "up";
      case STARTING -> "starting";
      case SUSPECT -> "suspect";
      case DOWN -> "down";
    };
  }

  /** The members of whom something is believed that differs from up. */
  static Stream<String> members(GroupTopology group) {
    return group.members().stream().map(MemberAddress::name);
  }
}
