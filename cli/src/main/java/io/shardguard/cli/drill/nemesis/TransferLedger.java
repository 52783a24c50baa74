package io.shardguard.cli.drill.nemesis;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** Remembers what became of every transfer, and audits the accounts by it. Thread-safe. */
final class TransferLedger {

  private final int accounts;
  private final long initial;
  private final Map<Long, Acknowledged> acknowledged = new TreeMap<>();
  private int unknown;

  /** Every account begins with the same balance. */
  TransferLedger(int accounts, long initial) {
    this.accounts = accounts;
    this.initial = initial;
  }

  /**
   * The server said that it is committed.
   *
   * @param nanos when its acknowledgement came, by {@link System#nanoTime}
   */
  record Acknowledged(Transfer transfer, long nanos) {}

  /**
   * What an audit found.
   *
   * @param lost acknowledged transfers of which nothing is there
   * @param halfApplied transfers, acknowledged or not, of which one side is there
   * @param duplicated transfers of which a side is there more than once
   * @param sumOff by how much the sum of all balances differs from what it was
   * @param accountsOff accounts whose balance is not the initial one and all their entries
   */
  record Audit(
      int acknowledged,
      int unknown,
      List<Long> lost,
      List<Long> halfApplied,
      List<Long> duplicated,
      long sumOff,
      List<Integer> accountsOff) {

    boolean exact() {
      return lost.isEmpty()
          && halfApplied.isEmpty()
          && duplicated.isEmpty()
          && sumOff == 0
          && accountsOff.isEmpty();
    }
  }

  synchronized void acknowledged(Transfer transfer, long nanos) {
    acknowledged.put(transfer.id(), new Acknowledged(transfer, nanos));
  }

  /** It was sent, and nobody knows whether it was committed. */
  synchronized void unknown() {
    unknown++;
  }

  /** When these were acknowledged; those that were not are left out. */
  synchronized List<Acknowledged> of(Collection<Long> ids) {
    return ids.stream().filter(acknowledged::containsKey).map(acknowledged::get).toList();
  }

  synchronized int count() {
    return acknowledged.size();
  }

  /** Compares the accounts with what was acknowledged. No transfer may be under way meanwhile. */
  synchronized Audit audit(Books books) {
    Map<Long, Sides> sides = new TreeMap<>();
    Map<Integer, Long> expected = new HashMap<>();
    for (Books.Row entry : books.entries()) {
      sides.computeIfAbsent(entry.transfer(), id -> new Sides()).add(entry);
      expected.merge(entry.account(), entry.amount(), Long::sum);
    }
    return new Audit(
        acknowledged.size(),
        unknown,
        acknowledged.keySet().stream().filter(id -> !sides.containsKey(id)).toList(),
        ids(sides, Sides::half),
        ids(sides, Sides::doubled),
        books.balances().stream().mapToLong(Books.Row::amount).sum() - accounts * initial,
        accountsOff(books, expected));
  }

  private List<Integer> accountsOff(Books books, Map<Integer, Long> moved) {
    Map<Integer, Long> balances = new HashMap<>();
    books.balances().forEach(row -> balances.merge(row.account(), row.amount(), Long::sum));
    TreeSet<Integer> off = new TreeSet<>();
    for (int account = 0; account < accounts; account++) {
      if (balances.getOrDefault(account, 0L) != initial + moved.getOrDefault(account, 0L)) {
        off.add(account);
      }
    }
    return List.copyOf(off);
  }

  private static List<Long> ids(Map<Long, Sides> sides, java.util.function.Predicate<Sides> which) {
    return sides.entrySet().stream()
        .filter(entry -> which.test(entry.getValue()))
        .map(Map.Entry::getKey)
        .toList();
  }

  /** How often each side of a transfer is there. */
  private static final class Sides {
    private int taken;
    private int given;

    private void add(Books.Row entry) {
      if (entry.amount() < 0) {
        taken++;
      } else {
        given++;
      }
    }

    private boolean half() {
      return taken == 0 || given == 0;
    }

    private boolean doubled() {
      return taken > 1 || given > 1;
    }
  }
}
