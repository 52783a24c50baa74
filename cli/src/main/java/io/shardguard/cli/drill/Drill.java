package io.shardguard.cli.drill;

import io.shardguard.cli.Failure;
import io.shardguard.cli.Terminal;
import io.shardguard.cli.drill.DrillReport.Outage;
import io.shardguard.cli.drill.DrillReport.Rows;
import io.shardguard.cli.drill.fault.Fault;
import io.shardguard.cli.drill.fault.FaultInjector;
import io.shardguard.cli.drill.fault.FaultInjector.Inflicted;
import io.shardguard.cli.drill.fault.LinkFault;
import io.shardguard.cli.drill.fault.Target;
import io.shardguard.cli.local.Installation;
import io.shardguard.cli.local.Sql;
import io.shardguard.cli.local.StatusReader;
import io.shardguard.cli.view.ClusterStatus;
import io.shardguard.cli.view.ClusterStatus.GroupStatus;
import io.shardguard.eventlog.LogReader;
import io.shardguard.events.GroupTopology;
import io.shardguard.events.TransitionEvent.TransitionCompleted;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntPredicate;
import org.apache.kafka.common.KafkaException;

/**
 * Brings one fault about under writers that remember every acknowledged row, and sees what becomes
 * of it.
 */
final class Drill {

  private static final int LEAST_KEYS = 64;
  private static final int KEYS_PER_GROUP = 16;
  private static final int STEADY_WRITES = 20;
  private static final int ANSWER_SECONDS = 10;
  private static final Duration STEADY_BOUND = Duration.ofSeconds(30);
  private static final Duration HEALING_BOUND = Duration.ofSeconds(60);
  private static final Duration READ_BACK_BOUND = Duration.ofSeconds(60);
  private static final Duration DDL_BOUND = Duration.ofSeconds(60);
  private static final Duration PAUSE = Duration.ofMillis(5);
  private static final long LOOK_MILLIS = 200;

  private final Installation installation;
  private final Plan plan;
  private final Terminal terminal;
  private final StatusReader statusReader;
  private final Ledger ledger = new Ledger();
  private final AtomicBoolean stopWriting = new AtomicBoolean();
  private final AtomicBoolean stopFollowing = new AtomicBoolean();
  private final Incident incident;
  private final DrillTable table = new DrillTable(System.currentTimeMillis());
  private final String url;
  private final String password;

  /**
   * What is to be done.
   *
   * @param name the drill's
   * @param fault which is undone once the control plane has answered it
   * @param before steady writing before the fault
   * @param after writing after the answer
   * @param answer how long the control plane may take to answer the fault
   * @param expected what is to come of it
   * @param hold for how long a fault is on that needs no answer
   * @param writersPerGroup for the keys of each worker group
   */
  record Plan(
      String name,
      Fault fault,
      Target target,
      Duration before,
      Duration after,
      Duration answer,
      Expected expected,
      Duration hold,
      int writersPerGroup) {

    int group() {
      return target.group();
    }

    /** Whether what happens to a group belongs to the drill. */
    boolean concerns(int group) {
      return expected == Expected.ANYTHING || group == target.group();
    }
  }

  /** What is to come of a fault. */
  enum Expected {
    /** The group gets another primary. */
    TAKEOVER,
    /** The primary goes on without its standby. */
    DETACHMENT,
    /** The primary stays. */
    NOTHING,
    /** Nobody knows: any group may get another primary. */
    ANYTHING;

    /** What a fault calls for that is on until it is answered. */
    static Expected of(Fault fault, Target target) {
      boolean reachesEverybodyElse =
          fault instanceof Fault.OnLink link && link.what() == LinkFault.CUT_WITHIN_GROUP;
      return target.role() == Target.Role.PRIMARY && !reachesEverybodyElse ? TAKEOVER : DETACHMENT;
    }
  }

  /** The moment of the fault, by both clocks. */
  private record Strike(String member, Instant at, long nanos, Runnable undo) {}

  Drill(Installation installation, Plan plan, Terminal terminal) {
    this.installation = installation;
    this.plan = plan;
    this.terminal = terminal;
    this.statusReader = new StatusReader(installation);
    this.incident = new Incident(plan::concerns);
    this.url = Sql.url(installation.ports().write());
    this.password = Sql.password(installation.state());
  }

  /**
   * Runs it.
   *
   * @param status of the cluster before; it must be whole
   */
  DrillReport run(ClusterStatus status) throws SQLException, InterruptedException {
    requireWhole(status);
    Map<Integer, List<Integer>> owners = prepare(status);
    Thread follower = Thread.ofVirtual().start(this::follow);
    List<Thread> writers = startWriters(owners);
    try {
      awaitSteadyWrites(owners);
      terminal.step(
          "Writing steadily with "
              + writers.size()
              + " writers for "
              + plan.before().toSeconds()
              + " s");
      long start = System.nanoTime();
      Thread.sleep(plan.before());
      Strike strike = strike();
      DdlProbe probe = new DdlProbe(this::session, Math.max(1, owners.size()));
      Thread prober = Thread.ofPlatform().daemon().name("ddl-probe").start(probe);
      Optional<TransitionCompleted> completed = answer(strike);
      Thread.sleep(plan.after());
      probe.await(prober, atLeast(DDL_BOUND));
      long end = System.nanoTime();
      stop(writers);
      Ledger.Balance balance = ledger.compare(readBack());
      terminal.step(
          "All rows are read back: "
              + balance.acknowledged()
              + " acknowledged, "
              + balance.lost().size()
              + " lost");
      Long healed = awaitHealing(strike);
      tidy(balance);
      return report(
          status,
          strike,
          start,
          end,
          writers.size(),
          completed,
          balance,
          ddl(strike, probe),
          healed);
    } finally {
      stopWriting.set(true);
      stopFollowing.set(true);
      follower.join(Duration.ofSeconds(5));
    }
  }

  /** Milliseconds from the fault until DDL worked; null if it did not in time. */
  private Long ddl(Strike strike, DdlProbe probe) {
    if (probe.workedNanos().isEmpty()) {
      terminal.step("No table could be distributed: " + probe.lastError());
      return null;
    }
    return millisAfter(strike, probe.workedNanos().getAsLong());
  }

  private void requireWhole(ClusterStatus status) {
    if (!status.whole()) {
      throw Failure.precondition(
          "The cluster is not whole, and a drill would harm it:\n  "
              + String.join("\n  ", status.problems()),
          "Wait until ./shardguard status says that everything is as it should be.");
    }
    if (status.groups().stream().noneMatch(group -> group.group() == plan.group())) {
      throw Failure.precondition(
          "There is no group " + plan.group() + ".", "./shardguard status names the groups.");
    }
  }

  private Map<Integer, List<Integer>> prepare(ClusterStatus status) throws SQLException {
    int workers = status.groups().size() - 1;
    try (Connection session = session()) {
      table.make(session);
      Map<Integer, List<Integer>> owners =
          table.owners(session, Math.max(LEAST_KEYS, KEYS_PER_GROUP * Math.max(1, workers)));
      if (plan.group() != 0 && !owners.containsKey(plan.group())) {
        throw Failure.failed(
            "Group " + plan.group() + " holds no shard of the table shardguard_drill.",
            "It was added after the table was made: DROP TABLE shardguard_drill, and call this again.");
      }
      terminal.step("The table shardguard_drill is distributed over " + owners.size() + " groups");
      return owners;
    }
  }

  private Connection session() throws SQLException {
    return Sql.connect(url, password, ANSWER_SECONDS);
  }

  private void follow() {
    new LogReader(installation.bootstrapServers())
        .follow(
            Instant.now(),
            stopFollowing::get,
            envelope -> {
              if (envelope.cluster().equals(installation.cluster())) {
                incident.add(envelope);
              }
            });
  }

  private List<Thread> startWriters(Map<Integer, List<Integer>> owners) {
    List<Thread> writers = new ArrayList<>();
    owners.forEach((group, keys) -> {
      for (int i = 0; i < plan.writersPerGroup(); i++) {
        Writer writer =
            new Writer(
                this::session, table, writers.size(), group, keys, ledger, stopWriting, PAUSE);
        writers.add(Thread.ofPlatform().daemon().name("writer-" + writers.size()).start(writer));
      }
    });
    return writers;
  }

  private void awaitSteadyWrites(Map<Integer, List<Integer>> owners) throws InterruptedException {
    long giveUpAt = System.nanoTime() + STEADY_BOUND.toNanos();
    while (!owners.keySet().stream()
        .allMatch(group -> ledger.count(g -> g == group) >= STEADY_WRITES)) {
      if (System.nanoTime() > giveUpAt) {
        throw Failure.failed(
            "Not every group took writes within "
                + STEADY_BOUND.toSeconds()
                + " s; nothing was killed. Errors: "
                + ledger.errors(),
            "Look at ./shardguard status and ./shardguard logs.");
      }
      Thread.sleep(LOOK_MILLIS);
    }
  }

  private Strike strike() {
    Map<Integer, GroupTopology> topology = topology();
    // Reading the topology takes its time on a busy machine: the fault comes after it.
    Instant at = Instant.now();
    long nanos = System.nanoTime();
    Inflicted inflicted = new FaultInjector(installation).inflict(plan.fault(), topology);
    String member = inflicted.members().stream().findFirst().orElse("nobody");
    terminal.step(plan.fault() + ": " + member);
    return new Strike(member, at, nanos, inflicted.undo());
  }

  private Map<Integer, GroupTopology> topology() {
    try {
      return statusReader.topology();
    } catch (TimeoutException e) {
      throw Failure.failed(
          "The topology could not be read; nothing was done: " + e.getMessage(),
          "Look at ./shardguard status.",
          e);
    }
  }

  /** Waits for what the control plane makes of it, then ends the fault, also when interrupted. */
  private Optional<TransitionCompleted> answer(Strike strike) throws InterruptedException {
    Thread hook = new Thread(strike.undo());
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      return switch (plan.expected()) {
        case TAKEOVER -> awaitTakeover(strike);
        case DETACHMENT -> {
          terminal.step(
              incident.awaitDetachment(strike.at(), plan.answer())
                  ? "The primary goes on without " + strike.member()
                  : strike.member() + " was not detached");
          yield Optional.empty();
        }
        case NOTHING, ANYTHING -> {
          Thread.sleep(plan.hold());
          terminal.step(plan.hold().toSeconds() + " s are over");
          yield Optional.empty();
        }
      };
    } finally {
      strike.undo().run();
      Runtime.getRuntime().removeShutdownHook(hook);
    }
  }

  private Optional<TransitionCompleted> awaitTakeover(Strike strike) throws InterruptedException {
    Optional<TransitionCompleted> completed = incident.awaitCompletion(strike.at(), plan.answer());
    terminal.step(
        completed
            .map(c -> c.primary() + " has taken over")
            .orElse("No failover was completed within " + plan.answer().toSeconds() + " s"));
    return completed;
  }

  private void stop(List<Thread> writers) throws InterruptedException {
    stopWriting.set(true);
    for (Thread writer : writers) {
      writer.join(Duration.ofSeconds(2L * ANSWER_SECONDS));
    }
  }

  private List<Long> readBack() throws InterruptedException {
    long giveUpAt = System.nanoTime() + atLeast(READ_BACK_BOUND).toNanos();
    while (true) {
      try (Connection session = Sql.connect(url, password, (int) READ_BACK_BOUND.toSeconds())) {
        return table.ids(session);
      } catch (SQLException e) {
        if (System.nanoTime() > giveUpAt) {
          throw Failure.failed(
              "The rows could not be read back: " + e.getMessage(),
              "They are in the table shardguard_drill. Look at ./shardguard status.",
              e);
        }
        Thread.sleep(LOOK_MILLIS);
      }
    }
  }

  /**
   * Milliseconds from the fault until every standby was eligible; null if that was not so in time.
   */
  private Long awaitHealing(Strike strike) throws InterruptedException {
    long giveUpAt = System.nanoTime() + atLeast(HEALING_BOUND).toNanos();
    while (!healed()) {
      if (System.nanoTime() > giveUpAt) {
        return null;
      }
      Thread.sleep(LOOK_MILLIS);
    }
    long now = Duration.between(strike.at(), Instant.now()).toMillis();
    terminal.step("The group has all its standbys again");
    return incident.attachedMillis(strike.at()).orElse(now);
  }

  /** Who gives the control plane more time for its answer gives it for the rest, too. */
  private Duration atLeast(Duration bound) {
    return bound.compareTo(plan.answer()) < 0 ? plan.answer() : bound;
  }

  private boolean healed() {
    try {
      List<GroupTopology> groups =
          statusReader.topology().values().stream()
              .filter(group -> plan.concerns(group.group()))
              .toList();
      return !groups.isEmpty() && groups.stream().allMatch(Drill::healed);
    } catch (TimeoutException | KafkaException e) {
      return false;
    }
  }

  private static boolean healed(GroupTopology group) {
    return group.primary() != null
        && group.transition() == null
        && group.standbys().stream().allMatch(standby -> group.eligible().contains(standby.name()));
  }

  /** The rows stay if one of them is missing: somebody will want to see. */
  private void tidy(Ledger.Balance balance) {
    if (balance.lost().isEmpty() && balance.duplicated().isEmpty()) {
      try (Connection session = Sql.connect(url, password, (int) READ_BACK_BOUND.toSeconds())) {
        table.clear(session);
      } catch (SQLException e) {
        terminal.step("The drill's rows stay in shardguard_drill: " + e.getMessage());
      }
    }
  }

  private DrillReport report(
      ClusterStatus status,
      Strike strike,
      long start,
      long end,
      int writers,
      Optional<TransitionCompleted> completed,
      Ledger.Balance balance,
      Long ddl,
      Long healed) {
    List<Outage> outages = new ArrayList<>();
    if (plan.expected() == Expected.ANYTHING) {
      status.groups().stream()
          .map(GroupStatus::group)
          .filter(group -> ledger.count(g -> g == group) > 0)
          .map(group -> outage("keys of group " + group, g -> g == group, strike, start, end))
          .sorted(Comparator.comparingLong(Outage::outageMillis).reversed())
          .forEach(outages::add);
    } else if (plan.group() == 0) {
      outages.add(outage("all keys", g -> true, strike, start, end));
    } else {
      outages.add(
          outage("keys of group " + plan.group(), g -> g == plan.group(), strike, start, end));
      if (ledger.count(g -> g != plan.group()) > 0) {
        outages.add(outage("keys of the other groups", g -> g != plan.group(), strike, start, end));
      }
    }
    return new DrillReport(
        plan.name(),
        installation.cluster(),
        status.engine(),
        plan.group(),
        strike.member(),
        plan.fault().kind(),
        plan.expected() == Expected.TAKEOVER
            || (plan.expected() == Expected.ANYTHING
                && incident.completedMillis(strike.at()).isPresent()),
        completed.or(() -> late(strike)).map(TransitionCompleted::primary).orElse(null),
        strike.at(),
        incident.completedMillis(strike.at()).orElse(null),
        ddl,
        healed,
        writers,
        outages,
        new Rows(
            balance.acknowledged(),
            balance.lost().size(),
            balance.duplicated().size(),
            balance.unknown(),
            balance.unknownPresent(),
            balance.lost().stream().limit(100).toList()),
        ledger.errors(),
        incident.entries(strike.at()));
  }

  /** A takeover that nobody waited for. */
  private Optional<TransitionCompleted> late(Strike strike) {
    try {
      return incident.awaitCompletion(strike.at(), Duration.ZERO);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  private Outage outage(String keys, IntPredicate groups, Strike strike, long start, long end) {
    List<Long> moments = ledger.moments(groups);
    // From the last acknowledged write before the fault on: the outage begins with it.
    long from =
        moments.stream()
            .filter(moment -> moment <= strike.nanos())
            .max(Long::compare)
            .orElse(start);
    Gap outage = Gap.longest(moments, from, end);
    return new Outage(
        keys,
        moments.size(),
        outage.millis(),
        Gap.longest(moments, start, strike.nanos()).millis(),
        millisAfter(strike, outage.fromNanos()),
        millisAfter(strike, outage.toNanos()));
  }

  private static long millisAfter(Strike strike, long nanos) {
    return Math.round((nanos - strike.nanos()) / 1e6);
  }
}
