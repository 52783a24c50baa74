package io.shardguard.cli.view;

import io.shardguard.cli.view.ClusterStatus.GroupStatus;
import io.shardguard.cli.view.ClusterStatus.MemberStatus;
import io.shardguard.clusterspec.ClusterSpec;
import io.shardguard.clusterspec.GroupSpec;
import io.shardguard.events.GroupTopology;
import io.shardguard.events.GroupTopology.Orders;
import io.shardguard.events.Lsn;
import io.shardguard.events.MemberAddress;
import io.shardguard.events.Observation;
import io.shardguard.events.Observation.MemberView;
import io.shardguard.events.Observation.Upstream;
import io.shardguard.events.Observation.Verdict;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Puts what was decided (topology) and what is seen (observations) together, by group and member.
 */
public final class StatusBuilder {

  private final Map<Integer, GroupTopology> topology;
  private final Map<Integer, String> unreadable;
  private final Sight sight;
  private final Map<String, Kept> kept;

  /**
   * The provisioner's word on a member.
   *
   * @param state what is done with it or waited for
   * @param diskFull there is no room left on its disk
   */
  public record Kept(String state, boolean diskFull) {}

  /**
   * A builder of one moment's status.
   *
   * @param topology the newest state that can be read, by group
   * @param unreadable the groups with a newer record that cannot be read, and why
   * @param observations of all observers; those that take themselves for isolated do not count
   * @param kept by member; those that the provisioner said nothing of are not in it
   */
  public StatusBuilder(
      Map<Integer, GroupTopology> topology,
      Map<Integer, String> unreadable,
      Collection<Observation> observations,
      Map<String, Kept> kept) {
    this.topology = topology;
    this.unreadable = unreadable;
    this.sight = new Sight(observations);
    this.kept = kept;
  }

  /** Every declared group, with its declared members. */
  public List<GroupStatus> groups(ClusterSpec spec) {
    return spec.groups().stream().map(group -> group(group, spec.placement())).toList();
  }

  private GroupStatus group(GroupSpec declared, Map<String, String> placement) {
    GroupTopology decided = topology.get(declared.group());
    List<MemberStatus> members =
        declared.members().stream().map(m -> member(decided, m, placement.get(m.name()))).toList();
    String why = unreadable.get(declared.group());
    if (decided == null) {
      return new GroupStatus(
          declared.group(),
          0,
          null,
          null,
          null,
          null,
          List.of(),
          null,
          null,
          List.of(),
          null,
          null,
          why,
          members);
    }
    Orders orders = decided.orders();
    return new GroupStatus(
        declared.group(),
        decided.epoch().value(),
        decided.primary(),
        decided.transition() == null ? null : transition(decided.transition()),
        decided.refusal() == null ? null : RefusalText.of(decided.refusal()),
        orders == null ? null : orders.pause(),
        orders == null ? List.of() : orders.maintenance(),
        decided.attach() == null ? null : decided.attach().standby(),
        decided.detach() == null ? null : decided.detach().standby(),
        new TreeSet<>(decided.quorum()),
        decided.loss(),
        decided.barred(),
        why,
        members);
  }

  /** Where an open transition stands, in words. */
  public static String transition(GroupTopology.Transition transition) {
    return words(transition.kind())
        + " of epoch "
        + transition.epoch()
        + " is "
        + switch (transition.step()) {
          case GroupTopology.Sealing s -> "sealing " + String.join(", ", s.toSeal());
          case GroupTopology.Promoting s -> "promoting " + s.candidate();
          case GroupTopology.Fencing s -> "making sure of the end of " + transition.oldPrimary();
          case GroupTopology.UpdatingMetadata s -> "telling " + String.join(", ", s.pending());
          case GroupTopology.SettlingTwoPhase s ->
              "settling two-phase commits on " + String.join(", ", s.pending());
          case GroupTopology.SyncingMetadata s ->
              "waiting until " + String.join(", ", s.pending()) + " says that DDL works";
        }
        + " ("
        + transition.id()
        + ")";
  }

  private MemberStatus member(GroupTopology decided, MemberAddress address, String dockerEngine) {
    Optional<MemberView> seen = sight.of(address.name());
    boolean primary = decided != null && address.name().equals(decided.primary());
    boolean eligible = decided != null && decided.eligible().contains(address.name());
    Optional<Kept> keeper = Optional.ofNullable(kept.get(address.name()));
    boolean diskFull = keeper.filter(Kept::diskFull).isPresent();
    boolean rogue = !primary && seen.filter(MemberView::upWritable).isPresent();
    return new MemberStatus(
        address.name(),
        address.hostAndPort(),
        dockerEngine,
        primary ? "primary" : rogue ? "rogue" : "standby",
        seen.map(view -> state(view, primary)).orElse("not seen") + (diskFull ? ", disk full" : ""),
        seen.filter(view -> well(view, primary)).isPresent() && !diskFull,
        seen.map(MemberView::status).map(s -> s.timeline()).map(t -> t.id()).orElse(null),
        primary || rogue ? null : lag(decided, seen),
        eligible,
        decided != null && decided.inMaintenance(address.name()),
        keeper.map(Kept::state).orElse(null));
  }

  private static String state(MemberView view, boolean primary) {
    if (view.verdict() != Verdict.UP) {
      return view.diagnosis() == null
          ? words(view.verdict())
          : words(view.verdict()) + " (" + words(view.diagnosis()) + ")";
    }
    if (!view.status().inRecovery()) {
      return primary ? "running" : "takes writes";
    }
    if (primary) {
      return "in recovery";
    }
    return streams(view) ? "streaming" : "not streaming";
  }

  private static boolean well(MemberView view, boolean primary) {
    return primary ? view.upWritable() : view.upInRecovery() && streams(view);
  }

  private static boolean streams(MemberView view) {
    Upstream upstream = view.status().upstream();
    return upstream != null && "streaming".equals(upstream.status());
  }

  private Long lag(GroupTopology decided, Optional<MemberView> standby) {
    Optional<Lsn> primaryLsn =
        Optional.ofNullable(decided)
            .map(GroupTopology::primary)
            .flatMap(sight::of)
            .filter(MemberView::upWritable)
            .map(view -> view.status().flushLsn());
    Optional<Lsn> standbyLsn =
        standby.filter(MemberView::upInRecovery).map(view -> view.status().flushLsn());
    // The two were asked one after the other: the standby may be ahead of what the primary had
    // said.
    return primaryLsn.isPresent() && standbyLsn.isPresent()
        ? Math.max(0, primaryLsn.get().minus(standbyLsn.get()))
        : null;
  }

  private static String words(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
