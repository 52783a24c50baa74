package io.shardguard.cli.drill.nemesis;

import io.shardguard.cli.Failure;
import io.shardguard.cli.Terminal;
import io.shardguard.cli.drill.DrillTable;
import io.shardguard.cli.drill.Gap;
import io.shardguard.cli.drill.Ledger;
import io.shardguard.cli.drill.ShardPlaces;
import io.shardguard.cli.drill.ShardPlaces.Place;
import io.shardguard.cli.drill.Writer;
import io.shardguard.cli.local.Installation;
import io.shardguard.cli.local.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/** The two workloads under the nemesis, and what is known of their rows. */
final class Workloads implements Blame.Acknowledgements {

  private static final int KEYS_PER_GROUP = 32;
  private static final int WRITERS_PER_GROUP = 2;
  private static final int TELLERS = 3;
  private static final int STEADY = 20;
  private static final int ANSWER_SECONDS = 10;
  private static final int READ_SECONDS = 60;
  private static final Duration STEADY_BOUND = Duration.ofSeconds(60);
  private static final Duration BETWEEN_WRITES = Duration.ofMillis(20);
  private static final Duration LOOK = Duration.ofMillis(500);

  private final Terminal terminal;
  private final String url;
  private final String password;
  private final DrillTable rows = new DrillTable(System.currentTimeMillis());
  private final AccountTable accounts = new AccountTable(System.currentTimeMillis());
  private final Ledger written = new Ledger();
  private final TransferLedger transfers =
      new TransferLedger(AccountTable.ACCOUNTS, AccountTable.INITIAL);
  private final ReadWriteLock tills = new ReentrantReadWriteLock(true);
  private final AtomicBoolean stop = new AtomicBoolean();
  private final List<Thread> threads = new ArrayList<>();
  private boolean acrossGroups;
  private int tellers;

  Workloads(Installation installation, Terminal terminal) {
    this.terminal = terminal;
    this.url = Sql.url(installation.ports().write());
    this.password = Sql.password(installation.state());
  }

  /** What was read back, and how it compares. */
  record Findings(Ledger.Balance rows, TransferLedger.Audit audit) {

    boolean right() {
      return rows.lost().isEmpty() && rows.duplicated().isEmpty() && audit.exact();
    }
  }

  /** Makes the tables, begins, and waits until every group takes writes. */
  void start(int groups, long seed) throws SQLException, InterruptedException {
    Map<Integer, List<Integer>> owners;
    List<Place> places;
    try (Connection session = open()) {
      rows.make(session);
      owners = rows.owners(session, KEYS_PER_GROUP * Math.max(1, groups - 1));
      places = accounts.open(session);
      acrossGroups = ShardPlaces.citus(session);
    }
    AccountPairs pairs = new AccountPairs(places, acrossGroups);
    boolean oneWorkerGroup = acrossGroups && groups <= 2;
    tellers = oneWorkerGroup ? 0 : TELLERS;
    if (!pairs.any() && !oneWorkerGroup) {
      throw Failure.failed(
          "No two accounts could be found to move money between.",
          "DROP TABLE shardguard_drill_accounts, and call this again.");
    }
    Teller.Till till = new Teller.Till(accounts, pairs, transfers, new AtomicLong());
    SplittableRandom random = new SplittableRandom(seed);
    owners.forEach((group, keys) -> {
      for (int i = 0; i < WRITERS_PER_GROUP; i++) {
        int number = threads.size();
        begin(new Writer(this::open, rows, number, group, keys, written, stop, BETWEEN_WRITES));
      }
    });
    for (int i = 0; i < tellers; i++) {
      begin(
          new Teller(
              this::open, till, random.split(), written, tills.readLock(), stop, BETWEEN_WRITES));
    }
    awaitSteady(owners);
    terminal.step(
        owners.size() * WRITERS_PER_GROUP
            + " writers and "
            + tellers
            + " tellers work steadily; transfers are between "
            + transferWords());
  }

  /** What a transfer is between. */
  String transferWords() {
    if (tellers == 0) {
      return "nobody: two-phase commits need two worker groups";
    }
    return acrossGroups
        ? "accounts of different groups, by two-phase commit"
        : "two accounts of one shard: the stand-in has no atomic commit across workers";
  }

  private void begin(Runnable worker) {
    threads.add(Thread.ofPlatform().daemon().name("workload-" + threads.size()).start(worker));
  }

  private void awaitSteady(Map<Integer, List<Integer>> owners) throws InterruptedException {
    long giveUpAt = System.nanoTime() + STEADY_BOUND.toNanos();
    while ((tellers > 0 && transfers.count() < STEADY)
        || !owners.keySet().stream().allMatch(group -> written.count(g -> g == group) >= STEADY)) {
      if (System.nanoTime() > giveUpAt) {
        throw Failure.failed(
            "Not every group took writes and transfers within "
                + STEADY_BOUND.toSeconds()
                + " s; nothing was broken. Errors: "
                + written.errors(),
            "Look at ./shardguard status and ./shardguard logs.");
      }
      Thread.sleep(LOOK);
    }
  }

  /** The longest time without an acknowledged write; group 0 stands for all keys. */
  long outageMillis(int group, long fromNanos, long toNanos) {
    List<Long> moments = written.moments(g -> group == 0 || g == group);
    long from =
        moments.stream().filter(moment -> moment <= fromNanos).max(Long::compare).orElse(fromNanos);
    return Gap.longest(moments, from, toNanos).millis();
  }

  /**
   * Reads everything back, while no transfer is under way, until all is right or the time is up:
   * two-phase commits may be settled yet, and a session that nobody waits for any more may commit.
   */
  Findings check(Duration bound) throws InterruptedException {
    long giveUpAt = System.nanoTime() + bound.toNanos();
    while (true) {
      SQLException failure = null;
      boolean quiet = tills.writeLock().tryLock(4L * ANSWER_SECONDS, TimeUnit.SECONDS);
      try (Connection session = Sql.connect(url, password, READ_SECONDS)) {
        Findings findings = read(session);
        if (findings.right() || System.nanoTime() > giveUpAt) {
          return findings;
        }
      } catch (SQLException e) {
        failure = e;
      } finally {
        if (quiet) {
          tills.writeLock().unlock();
        }
      }
      if (failure != null && System.nanoTime() > giveUpAt) {
        throw Failure.failed(
            "The rows could not be read back: " + failure.getMessage(),
            "They are in shardguard_drill and shardguard_drill_accounts. Look at ./shardguard status.",
            failure);
      }
      Thread.sleep(LOOK);
    }
  }

  private Findings read(Connection session) throws SQLException {
    long until = System.nanoTime();
    return new Findings(
        written.compare(rows.ids(session), until), transfers.audit(accounts.read(session)));
  }

  /** Ends the workloads; what is known of the rows stays. */
  void stop() throws InterruptedException {
    stop.set(true);
    for (Thread thread : threads) {
      thread.join(Duration.ofSeconds(3L * ANSWER_SECONDS));
    }
  }

  /** Removes this run's rows. */
  void clear() {
    try (Connection session = Sql.connect(url, password, READ_SECONDS)) {
      rows.clear(session);
      accounts.clear(session);
    } catch (SQLException e) {
      terminal.step("The rows of this run stay: " + e.getMessage());
    }
  }

  @Override
  public List<Ledger.Write> writes(List<Long> ids) {
    return written.writes(ids);
  }

  @Override
  public List<TransferLedger.Acknowledged> transfers(List<Long> ids) {
    return transfers.of(ids);
  }

  Map<String, Integer> errors() {
    return written.errors();
  }

  private Connection open() throws SQLException {
    return Sql.connect(url, password, ANSWER_SECONDS);
  }
}
