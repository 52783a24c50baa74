package io.shardguard.failover.core;

import io.shardguard.events.GroupTopology;
import io.shardguard.events.Observation;
import io.shardguard.events.Observation.MemberView;
import io.shardguard.events.Observation.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * All that decisions rest on: what was decided (durable, in the topology topic) and what was seen
 * (renewed every second).
 *
 * @param groups the decided state of each group
 * @param seen the newest observation of each observer
 * @param rogues the writable members that the provisioner was told to end
 * @param settling when two-phase commits were last settled in quiet times
 * @param changes how often each group's primary was given other standbys to wait for, since this
 *     state was read
 * @param downSince when each observer said of a member that it is down, and did not take it back,
 *     since this state was read
 */
public record ClusterState(
    String cluster,
    SortedMap<Integer, GroupTopology> groups,
    Map<String, Observation> seen,
    Set<String> rogues,
    QuietSettling settling,
    Map<Integer, Integer> changes,
    Map<String, Map<String, Instant>> downSince) {

  /** An observer that said nothing for this long has no say; observations come once a second. */
  static final Duration OBSERVER_FRESH = Duration.ofSeconds(5);

  /** The state of a cluster as the topology topic has it; nothing seen yet. */
  public static ClusterState of(String cluster, Collection<GroupTopology> groups) {
    SortedMap<Integer, GroupTopology> byId = new TreeMap<>();
    groups.forEach(group -> byId.put(group.group(), group));
    return new ClusterState(
        cluster, byId, Map.of(), Set.of(), QuietSettling.NEVER, Map.of(), Map.of());
  }

  /** The decided state of a group. */
  public Optional<GroupTopology> group(int id) {
    return Optional.ofNullable(groups.get(id));
  }

  /** The same decided state with another belief: for those who decide a recorded log again. */
  public ClusterState believing(Map<String, Observation> observations, Set<String> writable) {
    return new ClusterState(
        cluster,
        groups,
        Map.copyOf(observations),
        Set.copyOf(writable),
        settling,
        changes,
        downSince);
  }

  /** The same belief with another decided state of a group. */
  public ClusterState with(GroupTopology group) {
    SortedMap<Integer, GroupTopology> changed = new TreeMap<>(groups);
    changed.put(group.group(), group);
    return new ClusterState(cluster, changed, seen, rogues, settling, changes, downSince);
  }

  /**
   * An older one than is known of its observer says nothing: its newer word (an event is one, too)
   * was on another topic, or this one comes for the second time.
   */
  ClusterState with(Observation observation) {
    Observation known = seen.get(observation.observer());
    if (known != null && known.at().isAfter(observation.at())) {
      return this;
    }
    // In one order: of two views that are equally young the same is believed in every run.
    Map<String, Observation> changed = new TreeMap<>(seen);
    changed.put(observation.observer(), observation);
    Set<String> stillWritable =
        rogues.stream()
            .filter(member -> observation.of(member).map(MemberView::upWritable).orElse(false))
            .collect(Collectors.toUnmodifiableSet());
    return new ClusterState(
        cluster,
        groups,
        Collections.unmodifiableMap(changed),
        stillWritable,
        settling,
        changes,
        downSince);
  }

  ClusterState withRogue(String member) {
    Set<String> more = new HashSet<>(rogues);
    more.add(member);
    return new ClusterState(cluster, groups, seen, Set.copyOf(more), settling, changes, downSince);
  }

  ClusterState with(QuietSettling changed) {
    return new ClusterState(cluster, groups, seen, rogues, changed, changes, downSince);
  }

  ClusterState withDown(String member, String observer, Instant at) {
    return withDownSince(member, says -> says.put(observer, at));
  }

  ClusterState withoutDown(String member, String observer) {
    return withDownSince(member, says -> says.remove(observer));
  }

  private ClusterState withDownSince(String member, Consumer<Map<String, Instant>> change) {
    Map<String, Instant> says = new HashMap<>(downSince.getOrDefault(member, Map.of()));
    change.accept(says);
    Map<String, Map<String, Instant>> all = new HashMap<>(downSince);
    all.put(member, Map.copyOf(says));
    return new ClusterState(cluster, groups, seen, rogues, settling, changes, Map.copyOf(all));
  }

  /** When the first of those who say so now said that the member is down, as far as is known. */
  Optional<Instant> downSince(String member) {
    Map<String, Instant> says = downSince.getOrDefault(member, Map.of());
    return sayDown(member).stream()
        .map(says::get)
        .filter(Objects::nonNull)
        .min(Comparator.naturalOrder());
  }

  /** What an owner knows that begins with this state: nobody told it since when anything is so. */
  public ClusterState forNewOwner() {
    return new ClusterState(cluster, groups, seen, rogues, settling, changes, Map.of());
  }

  /** Which of its changes the group's primary is at: see {@link Action.ArmSynchronous}. */
  public int change(int group) {
    return changes.getOrDefault(group, 0);
  }

  /** The group's primary is given others to wait for from now on. */
  ClusterState withChange(int group) {
    Map<Integer, Integer> more = new HashMap<>(changes);
    more.merge(group, 1, Integer::sum);
    return new ClusterState(cluster, groups, seen, rogues, settling, Map.copyOf(more), downSince);
  }

  /** The newest observation of those that count: fresh, and of an observer that is not cut off. */
  Optional<Observation> newest() {
    return counting().max(Comparator.comparing(Observation::at));
  }

  private Stream<Observation> counting() {
    return fresh().filter(o -> !o.isolated());
  }

  private Stream<Observation> fresh() {
    Instant newest =
        seen.values().stream()
            .map(Observation::at)
            .max(Comparator.naturalOrder())
            .orElse(Instant.MIN);
    return seen.values().stream().filter(o -> isFresh(o, newest));
  }

  /**
   * What is believed of a member: the view of whoever heard from it last, and DOWN only where more
   * than half of the fresh observers say so (one that is cut off has no say, but counts as one that
   * did not say it).
   */
  public Optional<MemberView> view(String member) {
    return counting()
        .flatMap(observation -> observation.of(member).stream())
        .max(Comparator.comparing(ClusterState::heard))
        .map(view ->
            2L * sayDown(member).size() > fresh().count()
                ? view.judged(Verdict.DOWN, view.diagnosis())
                : notDown(view));
  }

  private static Instant heard(MemberView view) {
    return view.lastAnswer() == null ? Instant.MIN : view.lastAnswer();
  }

  /** The observers that count and say that the member is down. */
  List<String> sayDown(String member) {
    return counting()
        .filter(o -> o.of(member).map(v -> v.verdict() == Verdict.DOWN).orElse(false))
        .map(Observation::observer)
        .sorted()
        .toList();
  }

  /** When what is believed was seen; {@link Instant#MIN} if nothing was. */
  Instant seenAt() {
    return newest().map(Observation::at).orElse(Instant.MIN);
  }

  private static boolean isFresh(Observation observation, Instant newest) {
    return observation.at().plus(OBSERVER_FRESH).isAfter(newest);
  }

  private static MemberView notDown(MemberView view) {
    return view.verdict() == Verdict.DOWN ? view.judged(Verdict.SUSPECT, view.diagnosis()) : view;
  }
}
