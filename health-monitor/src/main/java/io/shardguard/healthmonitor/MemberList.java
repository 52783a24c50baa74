package io.shardguard.healthmonitor;

import io.shardguard.events.GroupTopology;
import io.shardguard.healthmonitor.core.Watch.Declared;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Who is to be watched: the newest declaration says it, and before one is known, the decided
 * topology.
 */
final class MemberList {

  private final Map<Integer, List<Declared>> decided = new TreeMap<>();
  private List<Declared> declared = List.of();
  private Instant declaredAt = Instant.MIN;
  private List<Declared> current = List.of();

  /** A declaration; older ones than the known are left out. Returns the list if it changed. */
  Optional<List<Declared>> declared(List<Declared> members, Instant at) {
    if (at.isAfter(declaredAt)) {
      declaredAt = at;
      declared = members;
    }
    return changed();
  }

  /** A group's newest state. Returns the list if it changed. */
  Optional<List<Declared>> decided(GroupTopology group) {
    decided.put(
        group.group(), group.members().stream().map(m -> new Declared(group.group(), m)).toList());
    return changed();
  }

  private Optional<List<Declared>> changed() {
    List<Declared> next =
        declared.isEmpty() ? decided.values().stream().flatMap(List::stream).toList() : declared;
    if (next.equals(current)) {
      return Optional.empty();
    }
    current = List.copyOf(next);
    return Optional.of(current);
  }
}
