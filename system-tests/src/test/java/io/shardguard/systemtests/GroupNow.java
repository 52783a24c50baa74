package io.shardguard.systemtests;

import io.shardguard.eventlog.LogReader;
import io.shardguard.events.GroupTopology;
import io.shardguard.events.MemberAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.TimeoutException;

/**
 * What was decided of a group, as the log says, whichever instance of failover-coordinator decides:
 * much cheaper to ask for than the status.
 *
 * @param settled no transition is open, and no failover is refused
 */
record GroupNow(
    int group, String primary, List<String> standbys, List<String> eligible, boolean settled) {

  private static final Duration ANSWER = Duration.ofSeconds(20);

  /**
   * Every group.
   *
   * @throws TimeoutException if Kafka does not answer
   */
  static List<GroupNow> all(Stack stack) throws TimeoutException {
    return new LogReader(stack.kafka())
        .groupStates(ANSWER).lastReadable().values().stream().map(GroupNow::of).toList();
  }

  /** One group. */
  static GroupNow of(Stack stack, int number) throws TimeoutException {
    return all(stack).stream().filter(g -> g.group() == number).findFirst().orElseThrow();
  }

  private static GroupNow of(GroupTopology group) {
    return new GroupNow(
        group.group(),
        group.primary(),
        group.standbys().stream().map(MemberAddress::name).sorted().toList(),
        List.copyOf(new TreeSet<>(group.eligible())),
        group.transition() == null && group.refusal() == null);
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

  /** That is so of every group; not so if Kafka does not answer. */
  static boolean allWhole(Stack stack) {
    try {
      List<GroupNow> all = all(stack);
      return !all.isEmpty() && all.stream().allMatch(GroupNow::whole);
    } catch (TimeoutException | RuntimeException noAnswer) {
      return false;
    }
  }
}
