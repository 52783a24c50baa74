package io.shardguard.cli.drill.nemesis;

import java.util.List;

/**
 * The accounts as they were read.
 *
 * @param balances one row for each account
 * @param entries two rows for each transfer: one on each side
 */
record Books(List<Row> balances, List<Row> entries) {

  Books {
    balances = List.copyOf(balances);
    entries = List.copyOf(entries);
  }

  /** A row of an account; {@code transfer} says nothing for a balance. */
  record Row(int account, long transfer, long amount) {}
}
