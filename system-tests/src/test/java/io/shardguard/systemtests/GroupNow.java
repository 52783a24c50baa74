package io.shardguard.systemtests;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * What was decided of a group, as failover-coordinator says: much cheaper to ask for than the
 * status.
 *
 * @param settled no transition is open, and no failover is refused
 */
record GroupNow(
    int group, String primary, List<String> standbys, List<String> eligible, boolean settled) {

  /** Every group. */
  static List<GroupNow> all(Stack stack) throws Exception {
    JsonNode clusters =
        new ObjectMapper().readTree(Part.FAILOVER_COORDINATOR.get(stack, "clusters"));
    List<GroupNow> all = new ArrayList<>();
    for (JsonNode groups : clusters) {
      for (JsonNode group : groups) {
        all.add(of(group));
      }
    }
    return all;
  }

  /** One group. */
  static GroupNow of(Stack stack, int number) throws Exception {
    return all(stack).stream().filter(g -> g.group() == number).findFirst().orElseThrow();
  }

  private static GroupNow of(JsonNode group) {
    String primary = group.path("primary").asText();
    TreeSet<String> standbys = new TreeSet<>();
    group.path("members").forEach(member -> standbys.add(member.path("name").asText()));
    standbys.remove(primary);
    TreeSet<String> eligible = new TreeSet<>();
    group.path("eligible").forEach(standby -> eligible.add(standby.asText()));
    return new GroupNow(
        group.path("group").asInt(),
        primary,
        List.copyOf(standbys),
        List.copyOf(eligible),
        !group.has("transition") && !group.has("refusal"));
  }

  /** Every member. */
  List<String> members() {
    List<String> members = new ArrayList<>(List.of(primary));
    members.addAll(standbys);
    return members;
  }

  /** Everybody could take over. */
  boolean whole() {
    return settled && eligible.equals(standbys);
  }

  /** That is so of every group; not so if nobody says it. */
  static boolean allWhole(Stack stack) throws Exception {
    try {
      List<GroupNow> all = all(stack);
      return !all.isEmpty() && all.stream().allMatch(GroupNow::whole);
    } catch (IOException nobodyAnswers) {
      return false;
    }
  }
}
