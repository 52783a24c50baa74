package io.shardguard.clusterspec;

import io.shardguard.events.MemberAddress;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Which engine each member is on. Members of a group are on different engines as far as there are
 * enough, so that the loss of one takes as few of them as possible; the groups' first members, who
 * become the first primaries, go round.
 */
final class Placement {

  private final List<String> engines;
  private final Map<String, String> declared;
  private final Map<String, String> placed = new LinkedHashMap<>();

  /**
   * A placement.
   *
   * @param engines their names, in the order of the declaration
   * @param declared the engines of members that name one
   */
  Placement(List<String> engines, Map<String, String> declared) {
    this.engines = engines;
    this.declared = declared;
  }

  /** The engine of every member; empty if there are no engines to choose from. */
  Map<String, String> of(List<GroupSpec> groups) {
    if (engines.isEmpty()) {
      return Map.of();
    }
    for (int i = 0; i < groups.size(); i++) {
      place(groups.get(i).members(), i);
    }
    return Collections.unmodifiableMap(placed);
  }

  private void place(List<MemberAddress> members, int round) {
    Map<String, String> inGroup = new HashMap<>();
    members.stream()
        .map(MemberAddress::name)
        .filter(declared::containsKey)
        .forEach(member -> inGroup.put(member, declared.get(member)));
    for (MemberAddress member : members) {
      String engine =
          inGroup.computeIfAbsent(member.name(), name -> emptiest(inGroup.values(), round));
      placed.put(member.name(), engine);
    }
  }

  private String emptiest(Collection<String> taken, int round) {
    return IntStream.range(0, engines.size())
        .mapToObj(i -> engines.get((i + round) % engines.size()))
        .min(
            Comparator.comparingInt((String engine) -> Collections.frequency(taken, engine))
                .thenComparingInt(engine -> Collections.frequency(placed.values(), engine)))
        .orElseThrow();
  }

  /**
   * The engine that has more of these members than it must, with their names; empty if none has.
   *
   * @param placed the engine of every member
   */
  static List<String> needlesslyTogether(
      List<MemberAddress> members, Map<String, String> placed, int engines) {
    int most = (members.size() + engines - 1) / engines;
    return members.stream()
        .map(MemberAddress::name)
        .collect(Collectors.groupingBy(placed::get, LinkedHashMap::new, Collectors.toList()))
        .values()
        .stream()
        .filter(together -> together.size() > most)
        .findFirst()
        .orElse(List.of());
  }
}
