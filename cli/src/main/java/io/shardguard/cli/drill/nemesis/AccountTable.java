package io.shardguard.cli.drill.nemesis;

import io.shardguard.cli.drill.ShardPlaces;
import io.shardguard.cli.drill.ShardPlaces.Place;
import io.shardguard.cli.local.Sql;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Accounts whose sum never changes. One distributed table has both: for each account (its {@code
 * key}) the row with its balance, and one row for each transfer that it had a part in. They are of
 * one table so that they lie on one shard with every engine.
 */
final class AccountTable {

  static final int ACCOUNTS = 48;
  static final long INITIAL = 1000;

  private static final String NAME = "shardguard_drill_accounts";

  /** Stands where a transfer's id would, in the row with the balance. */
  private static final long BALANCE = 0;

  private final long run;

  /**
   * The table, for one drill.
   *
   * @param run tells the rows of this drill from those of others
   */
  AccountTable(long run) {
    this.run = run;
  }

  /** Makes and distributes the table unless it is there, and opens this run's accounts. */
  List<Place> open(Connection session) throws SQLException {
    try (Statement statement = session.createStatement()) {
      statement.execute(
          "CREATE TABLE IF NOT EXISTS "
              + NAME
              + " (run bigint NOT NULL, key int NOT NULL, transfer bigint NOT NULL, amount bigint NOT NULL)");
      if (Sql.text(
              session,
              "SELECT 1 FROM citus_shards WHERE table_name = '" + NAME + "'::regclass LIMIT 1")
          == null) {
        statement.execute("SELECT create_distributed_table('" + NAME + "', 'key')");
      }
    }
    try (PreparedStatement insert = insert(session)) {
      for (int account = 0; account < ACCOUNTS; account++) {
        fill(insert, account, BALANCE, INITIAL);
        insert.executeUpdate();
      }
    }
    return ShardPlaces.of(session, NAME, run, ACCOUNTS);
  }

  /**
   * Moves an amount in one transaction; the session must not be in autocommit. The accounts are
   * touched in the order of their numbers, so that no two transfers wait for each other.
   */
  void transfer(Connection session, Transfer transfer) throws SQLException {
    int first = Math.min(transfer.from(), transfer.to());
    int second = Math.max(transfer.from(), transfer.to());
    try (PreparedStatement update =
            session.prepareStatement(
                "UPDATE "
                    + NAME
                    + " SET amount = amount + ? WHERE run = ? AND key = ? AND transfer = "
                    + BALANCE);
        PreparedStatement insert = insert(session)) {
      for (int account : new int[] {first, second}) {
        long amount = account == transfer.from() ? -transfer.amount() : transfer.amount();
        update.setLong(1, amount);
        update.setLong(2, run);
        update.setInt(3, account);
        update.executeUpdate();
        fill(insert, account, transfer.id(), amount);
        insert.executeUpdate();
      }
    }
    session.commit();
  }

  /** Everything there is of this run. */
  Books read(Connection session) throws SQLException {
    List<Books.Row> balances = new ArrayList<>();
    List<Books.Row> entries = new ArrayList<>();
    try (PreparedStatement query =
        session.prepareStatement("SELECT key, transfer, amount FROM " + NAME + " WHERE run = ?")) {
      query.setLong(1, run);
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          Books.Row row = new Books.Row(rows.getInt(1), rows.getLong(2), rows.getLong(3));
          (row.transfer() == BALANCE ? balances : entries).add(row);
        }
      }
    }
    return new Books(balances, entries);
  }

  /** Removes this run's rows. */
  void clear(Connection session) throws SQLException {
    try (PreparedStatement delete =
        session.prepareStatement("DELETE FROM " + NAME + " WHERE run = ?")) {
      delete.setLong(1, run);
      delete.executeUpdate();
    }
  }

  private static PreparedStatement insert(Connection session) throws SQLException {
    return session.prepareStatement(
        "INSERT INTO " + NAME + " (run, key, transfer, amount) VALUES (?, ?, ?, ?)");
  }

  private void fill(PreparedStatement insert, int account, long transfer, long amount)
      throws SQLException {
    insert.setLong(1, run);
    insert.setInt(2, account);
    insert.setLong(3, transfer);
    insert.setLong(4, amount);
  }
}
