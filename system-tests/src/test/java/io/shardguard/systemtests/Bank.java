package io.shardguard.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Clients that move money between accounts on different workers and count on all shards at once,
 * and remember what was acknowledged. What must be true of it at any time: the sum of all accounts
 * is what it was, each account agrees with the transfers that are there, each acknowledged transfer
 * is there, all counters are equal.
 */
final class Bank {

  private static final int ACCOUNTS = 40;
  private static final long OPENING = 1000;
  private static final int COUNTERS = 24;
  private static final int MOVERS = 3;
  private static final int ANSWER_SECONDS = 10;

  private final int port;
  private final String password;
  private final Set<Long> acknowledged = ConcurrentHashMap.newKeySet();
  private final AtomicLong ids = new AtomicLong();
  private final AtomicInteger counted = new AtomicInteger();
  private final AtomicInteger countedPerhaps = new AtomicInteger();
  private final List<Thread> clients = new ArrayList<>();
  private volatile boolean stopped;

  /** Clients of the cluster whose write port this is. */
  Bank(int port, String password) {
    this.port = port;
    this.password = password;
  }

  /** Makes the tables. */
  void open() throws SQLException {
    try (Connection session = session();
        Statement statement = session.createStatement()) {
      for (String sql :
          List.of(
              "DROP TABLE IF EXISTS accounts, transfers, counters",
              "SET citus.shard_count = 8",
              "CREATE TABLE accounts (id int PRIMARY KEY, balance bigint NOT NULL)",
              "CREATE TABLE transfers (id bigint PRIMARY KEY, source int, target int, amount int)",
              "CREATE TABLE counters (id int PRIMARY KEY, cnt int NOT NULL)",
              "SELECT create_distributed_table('accounts', 'id')",
              "SELECT create_distributed_table('transfers', 'id')",
              "SELECT create_distributed_table('counters', 'id')",
              "INSERT INTO accounts SELECT i, "
                  + OPENING
                  + " FROM generate_series(1, "
                  + ACCOUNTS
                  + ") i",
              "INSERT INTO counters SELECT i, 0 FROM generate_series(1, " + COUNTERS + ") i")) {
        statement.execute(sql);
      }
    }
  }

  void start() {
    for (int i = 0; i < MOVERS; i++) {
      Random chance = new Random(i);
      clients.add(Thread.ofPlatform().daemon().start(() -> serve(s -> move(s, chance))));
    }
    clients.add(Thread.ofPlatform().daemon().start(() -> serve(this::countOn)));
  }

  void stop() throws InterruptedException {
    stopped = true;
    for (Thread client : clients) {
      client.join();
    }
  }

  /** How many transfers were acknowledged so far. */
  int transfers() {
    return acknowledged.size();
  }

  /** How many rounds of counting were acknowledged so far. */
  int rounds() {
    return counted.get();
  }

  private interface Work {
    void once(Connection session) throws SQLException, InterruptedException;
  }

  private void serve(Work work) {
    while (!stopped) {
      try (Connection session = session()) {
        while (!stopped) {
          work.once(session);
        }
      } catch (SQLException | InterruptedException e) {
        pause();
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(50);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  Connection session() throws SQLException {
    Properties login = new Properties();
    login.setProperty("user", "app");
    login.setProperty("password", password);
    login.setProperty("loginTimeout", "5");
    login.setProperty("socketTimeout", Integer.toString(ANSWER_SECONDS));
    return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + port + "/citus", login);
  }

  private void move(Connection session, Random chance) throws SQLException {
    long id = ids.incrementAndGet();
    int source = 1 + chance.nextInt(ACCOUNTS);
    int target = 1 + (source + chance.nextInt(ACCOUNTS - 1)) % ACCOUNTS;
    int amount = 1 + chance.nextInt(9);
    session.setAutoCommit(false);
    // In one order, so that transfers do not wait for each other in a circle.
    change(session, Math.min(source, target), source < target ? -amount : amount);
    change(session, Math.max(source, target), source < target ? amount : -amount);
    try (PreparedStatement entry =
        session.prepareStatement("INSERT INTO transfers VALUES (?, ?, ?, ?)")) {
      entry.setLong(1, id);
      entry.setInt(2, source);
      entry.setInt(3, target);
      entry.setInt(4, amount);
      entry.executeUpdate();
    }
    session.clearWarnings();
    session.commit();
    if (!waitWasCancelled(session.getWarnings())) {
      acknowledged.add(id);
    }
  }

  private static void change(Connection session, int account, int by) throws SQLException {
    try (PreparedStatement update =
        session.prepareStatement("UPDATE accounts SET balance = balance + ? WHERE id = ?")) {
      update.setInt(1, by);
      update.setInt(2, account);
      update.executeUpdate();
    }
  }

  private void countOn(Connection session) throws SQLException, InterruptedException {
    countedPerhaps.incrementAndGet();
    try (Statement update = session.createStatement()) {
      update.executeUpdate("UPDATE counters SET cnt = cnt + 1");
      if (!waitWasCancelled(update.getWarnings())) {
        counted.incrementAndGet();
      }
    }
    Thread.sleep(50);
  }

  /** A commit with this warning is on the primary alone: unknown, not done. */
  private static boolean waitWasCancelled(SQLWarning first) {
    for (SQLWarning warning = first; warning != null; warning = warning.getNextWarning()) {
      if (String.valueOf(warning.getMessage()).contains("synchronous replication")) {
        return true;
      }
    }
    return false;
  }

  /** Reads all back; only when nobody writes and all two-phase commits are settled. */
  void assertExact() throws SQLException {
    try (Connection session = session()) {
      assertThat(number(session, "SELECT sum(balance) FROM accounts"))
          .as("the sum of all accounts")
          .isEqualTo(ACCOUNTS * OPENING);
      assertThat(numbers(session, "SELECT id FROM transfers"))
          .as("transfers that are there")
          .doesNotHaveDuplicates()
          .containsAll(acknowledged);
      assertThat(map(session, "SELECT id, balance FROM accounts"))
          .as("accounts, as the transfers that are there make them")
          .isEqualTo(byTransfers(session));
      assertThat(numbers(session, "SELECT DISTINCT cnt FROM counters"))
          .as("counters, which change together")
          .singleElement()
          .satisfies(
              cnt -> assertThat(cnt).isBetween((long) counted.get(), (long) countedPerhaps.get()));
    }
  }

  private static Map<Long, Long> byTransfers(Connection session) throws SQLException {
    Map<Long, Long> balances = new TreeMap<>();
    for (long account = 1; account <= ACCOUNTS; account++) {
      balances.put(account, OPENING);
    }
    map(session, "SELECT target, sum(amount) FROM transfers GROUP BY target")
        .forEach((account, sum) -> balances.merge(account, sum, Long::sum));
    map(session, "SELECT source, -sum(amount) FROM transfers GROUP BY source")
        .forEach((account, sum) -> balances.merge(account, sum, Long::sum));
    return balances;
  }

  private static Map<Long, Long> map(Connection session, String query) throws SQLException {
    try (Statement statement = session.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      Map<Long, Long> map = new TreeMap<>();
      while (rows.next()) {
        map.put(rows.getLong(1), rows.getLong(2));
      }
      return map;
    }
  }

  private static long number(Connection session, String query) throws SQLException {
    return numbers(session, query).getFirst();
  }

  private static List<Long> numbers(Connection session, String query) throws SQLException {
    try (Statement statement = session.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      List<Long> numbers = new ArrayList<>();
      while (rows.next()) {
        numbers.add(rows.getLong(1));
      }
      return numbers;
    }
  }
}
