package io.shardguard.healthmonitor.core;

import io.shardguard.events.GroupTopology;
import io.shardguard.events.MemberAddress;
import io.shardguard.healthmonitor.core.History.Exit;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The observer's memory, a value: probe results go in, {@link #look} brings the verdicts. Every
 * change makes a new one.
 *
 * @param members in the order of the declaration
 * @param topology the newest decided state, by group
 * @param started when the log says that a member was last started, by name
 * @param published what the last look's observation said
 * @param lastLook when that was
 * @param attentiveSince since when the observer has looked without a gap
 */
public record Watch(
    String observer,
    Limits limits,
    Map<String, Watched> members,
    Map<Integer, GroupTopology> topology,
    Map<String, Instant> started,
    List<Signature> published,
    Instant lastLook,
    Instant attentiveSince,
    boolean isolated) {

  /** A member to be watched. */
  public record Declared(int group, MemberAddress address) {}

  /** An observer that knows nobody yet. */
  public static Watch begin(String observer, Limits limits, Instant now) {
    return new Watch(observer, limits, Map.of(), Map.of(), Map.of(), List.of(), now, now, false);
  }

  /** From now on these are the members; what is known of those that stay where they are is kept. */
  public Watch declared(List<Declared> declared, Instant now) {
    Map<String, Watched> next = new LinkedHashMap<>();
    for (Declared member : declared) {
      Watched known = members.get(member.address().name());
      boolean same =
          known != null
              && known.address().equals(member.address())
              && known.group() == member.group();
      next.put(
          member.address().name(),
          same ? known : Watched.begin(member.group(), member.address(), now));
    }
    return with(next);
  }

  /** The newest decided state of one group. */
  public Watch decided(GroupTopology group) {
    Map<Integer, GroupTopology> next = new LinkedHashMap<>(topology);
    next.put(group.group(), group);
    return new Watch(
        observer, limits, members, next, started, published, lastLook, attentiveSince, isolated);
  }

  /** One more probe result; of a member that is watched no more it changes nothing. */
  public Watch after(String member, ProbeResult result, Instant now) {
    Watched known = members.get(member);
    return known == null
        ? this
        : with(known.with(known.history().after(result, now, limits.successive())));
  }

  /** A member's process was started; also of a member that is not declared yet. */
  public Watch started(String member, Instant at) {
    Map<String, Instant> next = new HashMap<>(started);
    next.merge(member, at, (known, other) -> known.isAfter(other) ? known : other);
    return new Watch(
        observer,
        limits,
        members,
        topology,
        Map.copyOf(next),
        published,
        lastLook,
        attentiveSince,
        isolated);
  }

  /** The runtime saw the end of a member's process. */
  public Watch exited(String member, Instant at, String reason) {
    Watched known = members.get(member);
    return known == null ? this : with(known.with(known.history().exited(new Exit(at, reason))));
  }

  /** Judges every member by what is known now. */
  public Findings look(Instant now) {
    boolean gap =
        now.isBefore(lastLook)
            || Duration.between(lastLook, now).compareTo(limits.inattention()) > 0;
    return new Look(this, now, gap ? now : attentiveSince).findings();
  }

  /**
   * The group's primary: the decided one; before the first decision, the one member that takes
   * writes, or last did.
   */
  public Optional<Watched> primaryOf(int group) {
    GroupTopology decided = topology.get(group);
    if (decided != null && decided.primary() != null) {
      return Optional.ofNullable(members.get(decided.primary()));
    }
    return only(group(group), Watched::upWritable)
        .or(() -> only(group(group), m -> m.status() != null && !m.status().inRecovery()));
  }

  /** Since when the member should answer; empty if nobody says that it was ever started. */
  Optional<Instant> startedAt(Watched member) {
    GroupTopology decided = topology.get(member.group());
    boolean reliedOn =
        decided != null
            && (member.name().equals(decided.primary())
                || decided.eligible().contains(member.name()));
    return Optional.ofNullable(started.get(member.name()))
        .or(() -> reliedOn ? Optional.of(member.history().since()) : Optional.empty());
  }

  private static Optional<Watched> only(List<Watched> group, Predicate<Watched> which) {
    List<Watched> found = group.stream().filter(which).toList();
    return found.size() == 1 ? Optional.of(found.getFirst()) : Optional.empty();
  }

  /** Nobody in the group fails. */
  public boolean allAnswer(int group) {
    return group(group).stream().allMatch(m -> m.up() && m.history().failure() == null);
  }

  /** The members of one group. */
  public List<Watched> group(int group) {
    return members.values().stream().filter(m -> m.group() == group).toList();
  }

  Watch with(Map<String, Watched> next) {
    Map<String, Watched> all = Collections.unmodifiableMap(next);
    return new Watch(
        observer, limits, all, topology, started, published, lastLook, attentiveSince, isolated);
  }

  private Watch with(Watched member) {
    Map<String, Watched> next = new LinkedHashMap<>(members);
    next.put(member.name(), member);
    return with(next);
  }
}
