package io.shardguard.cli.drill;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntPredicate;

/** Remembers what became of every write. Thread-safe. */
public final class Ledger {

  private static final int LONGEST_MESSAGE = 160;

  private final List<Write> acknowledged = new ArrayList<>();
  private final Set<Long> unknown = new HashSet<>();
  private final Map<String, Integer> errors = new TreeMap<>();

  /**
   * An acknowledged write.
   *
   * @param group the group that holds the row's shard
   * @param nanos when its acknowledgement came, by {@link System#nanoTime}
   */
  public record Write(long id, int group, long nanos) {}

  /** What was found when all rows were read back. */
  public record Balance(
      int acknowledged, List<Long> lost, List<Long> duplicated, int unknown, int unknownPresent) {}

  /** The server said that the row is committed. */
  public synchronized void acknowledged(long id, int group, long nanos) {
    acknowledged.add(new Write(id, group, nanos));
  }

  /** The write was sent, and nobody knows whether it was committed. */
  public synchronized void unknown(long id) {
    unknown.add(id);
  }

  /** Something went wrong; counted by its message's first line. */
  public synchronized void error(String message) {
    String line =
        message == null || message.isBlank()
            ? "no message"
            : message.lines().findFirst().orElseThrow();
    String shown =
        line.length() > LONGEST_MESSAGE ? line.substring(0, LONGEST_MESSAGE) + "…" : line;
    errors.merge(shown, 1, Integer::sum);
  }

  /** The same; a driver's own words say little without those of what made it fail. */
  public void error(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    error(root == failure ? failure.getMessage() : failure.getMessage() + " " + root);
  }

  /** How many writes of some groups were acknowledged. */
  public synchronized long count(IntPredicate groups) {
    return acknowledged.stream().filter(write -> groups.test(write.group())).count();
  }

  /** When writes of some groups were acknowledged, in ascending order. */
  public synchronized List<Long> moments(IntPredicate groups) {
    return acknowledged.stream()
        .filter(write -> groups.test(write.group()))
        .map(Write::nanos)
        .sorted()
        .toList();
  }

  /** How often each error came, by its message. */
  public synchronized Map<String, Integer> errors() {
    return new TreeMap<>(errors);
  }

  /** What was acknowledged of these ids. */
  public synchronized List<Write> writes(Collection<Long> ids) {
    Set<Long> wanted = Set.copyOf(ids);
    return acknowledged.stream().filter(write -> wanted.contains(write.id())).toList();
  }

  /** Compares what was acknowledged with what is there. */
  public Balance compare(Collection<Long> present) {
    return compare(present, Long.MAX_VALUE);
  }

  /**
   * Compares what was acknowledged up to a moment with what was there at a later one.
   *
   * @param until by {@link System#nanoTime}
   */
  public synchronized Balance compare(Collection<Long> present, long until) {
    List<Write> promised = acknowledged.stream().filter(write -> write.nanos() <= until).toList();
    Map<Long, Integer> times = new HashMap<>();
    present.forEach(id -> times.merge(id, 1, Integer::sum));
    return new Balance(
        promised.size(),
        promised.stream().map(Write::id).filter(id -> !times.containsKey(id)).sorted().toList(),
        times.entrySet().stream()
            .filter(row -> row.getValue() > 1)
            .map(Map.Entry::getKey)
            .sorted()
            .toList(),
        unknown.size(),
        (int) unknown.stream().filter(times::containsKey).count());
  }
}
