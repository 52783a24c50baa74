package io.shardguard.cli.drill.nemesis;

import io.shardguard.cli.Failure;
import io.shardguard.cli.Terminal;
import io.shardguard.cli.drill.Ledger;
import io.shardguard.cli.drill.fault.Fault;
import io.shardguard.cli.drill.fault.FaultInjector;
import io.shardguard.cli.drill.fault.FaultInjector.Inflicted;
import io.shardguard.cli.drill.fault.FaultPlan;
import io.shardguard.cli.drill.fault.HandFault;
import io.shardguard.cli.drill.nemesis.NemesisReport.FaultRecord;
import io.shardguard.cli.drill.nemesis.NemesisReport.Rows;
import io.shardguard.cli.drill.nemesis.Workloads.Findings;
import io.shardguard.cli.local.Installation;
import io.shardguard.cli.replay.ExportFile;
import io.shardguard.cli.replay.LogSource;
import io.shardguard.cli.view.ClusterStatus;
import io.shardguard.events.Envelope;
import io.shardguard.events.Event;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/** Breaks one thing after the other under two workloads, and looks what becomes of the data. */
final class Nemesis {

  private static final Duration LOOK = Duration.ofMillis(100);

  private final Installation installation;
  private final Plan plan;
  private final Terminal terminal;
  private final BooleanSupplier interrupted;
  private final ClusterWatch watch;
  private final FaultInjector injector;
  private final Workloads workloads;
  private final Unpromised unpromised = new Unpromised();
  private final List<FaultRecord> faults = new ArrayList<>();
  private final TwoClocks clock = TwoClocks.now();
  private String ended;

  /**
   * What is to be done.
   *
   * @param length after which no new fault comes
   * @param healing how long the cluster may take to be whole once a fault is over
   * @param events where the log goes, for replay
   */
  record Plan(FaultPlan faults, long seed, Duration length, Duration healing, Path events) {}

  /**
   * A nemesis.
   *
   * @param interrupted somebody wants it to end: what is on is undone, and the report is made
   */
  Nemesis(Installation installation, Plan plan, Terminal terminal, BooleanSupplier interrupted) {
    this.installation = installation;
    this.plan = plan;
    this.terminal = terminal;
    this.interrupted = interrupted;
    this.watch = new ClusterWatch(installation);
    this.injector = new FaultInjector(installation);
    this.workloads = new Workloads(installation, terminal);
  }

  /**
   * Runs it.
   *
   * @throws Failure if the cluster is not whole at the beginning: nothing is broken then
   */
  NemesisReport run() throws SQLException, InterruptedException, IOException, TimeoutException {
    ClusterStatus before = watch.status();
    if (!before.whole()) {
      throw Failure.precondition(
          "The cluster is not whole, and a drill would harm it:\n  "
              + String.join("\n  ", before.problems()),
          "Wait until ./shardguard status says that everything is as it should be.");
    }
    workloads.start(before.groups().size(), plan.seed());
    long start = System.nanoTime();
    for (int number = 1; goesOn(start); number++) {
      step(plan.faults().step(number), before.groups().size());
    }
    workloads.stop();
    terminal.step("The workloads have ended; everything is read back");
    Findings findings = workloads.check(plan.healing());
    return report(before, findings, System.nanoTime() - start);
  }

  private boolean goesOn(long start) {
    if (interrupted.getAsBoolean() && ended == null) {
      ended = "it was interrupted";
    }
    return ended == null && System.nanoTime() - start < plan.length().toNanos();
  }

  private void step(FaultPlan.Step step, int groups) throws InterruptedException {
    rest(step.pause());
    if (interrupted.getAsBoolean()) {
      return;
    }
    Inflicted inflicted;
    long injected = System.nanoTime();
    try {
      inflicted = injector.inflict(step.fault(), watch.topology());
    } catch (Failure | TimeoutException e) {
      skip(step, injected, e);
      return;
    }
    terminal.step(
        step.number() + ". " + step.fault() + " " + String.join(", ", inflicted.members()));
    rest(step.hold());
    undo(inflicted);
    long undone = System.nanoTime();
    ClusterWatch.Healing healing = watch.await(undone, plan.healing(), inflicted.putRight());
    FaultRecord found = found(step, inflicted, injected, undone, healing, groups);
    faults.add(found);
    terminal.step("   " + NemesisText.outcome(found));
    unpromised(step.fault(), injected);
    if (healing.millis() == null) {
      giveAnotherChance(inflicted);
    }
    if (ended == null) {
      check();
    }
  }

  /** It may have been brought about in part; the cluster is waited for as after any other. */
  private void skip(FaultPlan.Step step, long injected, Exception reason)
      throws InterruptedException {
    terminal.step(step.number() + ". " + step.fault() + " could not be: " + reason.getMessage());
    ClusterWatch.Healing healing = watch.await(injected, plan.healing(), () -> true);
    faults.add(
        new FaultRecord(
            step.number(),
            step.fault().kind(),
            step.fault().toString(),
            List.of(),
            reason.getMessage(),
            clock.time(injected),
            clock.time(injected),
            Map.of(),
            healing.millis(),
            healing.millis() != null,
            healing.problems()));
    if (healing.millis() == null) {
      ended = "the cluster is not whole: " + String.join("; ", healing.problems());
    }
  }

  private void undo(Inflicted inflicted) throws InterruptedException {
    try {
      inflicted.undo().run();
    } catch (Failure first) {
      terminal.step("   to undo it failed, and is tried again: " + first.getMessage());
      Thread.sleep(LOOK);
      inflicted.undo().run();
    }
  }

  private FaultRecord found(
      FaultPlan.Step step,
      Inflicted inflicted,
      long injected,
      long undone,
      ClusterWatch.Healing healing,
      int groups) {
    long end = System.nanoTime();
    Map<Integer, Long> outages = new TreeMap<>();
    step.fault()
        .groups(groups)
        .forEach(group -> outages.put(group, workloads.outageMillis(group, injected, end)));
    return new FaultRecord(
        step.number(),
        step.fault().kind(),
        step.fault().toString(),
        inflicted.members(),
        null,
        clock.time(injected),
        clock.time(undone),
        outages,
        healing.millis(),
        healing.millis() != null,
        healing.problems());
  }

  private void unpromised(Fault fault, long injected) {
    if (fault instanceof Fault.ByHand hand && hand.what() == HandFault.UNSET_SYNCHRONOUS) {
      unpromised.add(hand.group(), injected, System.nanoTime());
    }
  }

  /**
   * Late is bad, never is worse: on a cluster that is not whole no further fault proves anything.
   */
  private void giveAnotherChance(Inflicted inflicted) throws InterruptedException {
    long since = System.nanoTime();
    ClusterWatch.Healing late =
        watch.await(since, plan.healing().multipliedBy(2), inflicted.putRight());
    if (late.millis() == null) {
      ended = "the cluster is not whole: " + String.join("; ", late.problems());
    } else {
      terminal.step("   whole again after all, " + late.millis() + " ms late");
    }
  }

  private void check() throws InterruptedException {
    Findings findings = workloads.check(plan.healing());
    if (!rows(findings).right() || !findings.audit().exact()) {
      ended = "the data are not right";
    }
  }

  private Rows rows(Findings findings) {
    List<Long> unpromisedLost =
        workloads.writes(findings.rows().lost()).stream()
            .filter(unpromised::covers)
            .map(Ledger.Write::id)
            .toList();
    List<Long> lost =
        findings.rows().lost().stream().filter(id -> !unpromisedLost.contains(id)).toList();
    return new Rows(
        findings.rows().acknowledged(),
        lost,
        unpromisedLost.size(),
        findings.rows().duplicated(),
        findings.rows().unknown());
  }

  private NemesisReport report(ClusterStatus before, Findings findings, long nanos)
      throws IOException, TimeoutException {
    Rows rows = rows(findings);
    List<Envelope<Event>> events = LogSource.events(installation);
    ExportFile.write(installation, plan.events(), ExportFile.DECISIONS, null, null);
    if (rows.right() && findings.audit().exact()) {
      workloads.clear();
    }
    return new NemesisReport(
        installation.cluster(),
        before.engine(),
        plan.seed(),
        clock.at(),
        Duration.ofNanos(nanos).toSeconds(),
        workloads.transferWords(),
        faults,
        rows,
        findings.audit(),
        ended,
        new Blame(clock, faults, events, workloads).first(rows, findings.audit()).orElse(null),
        plan.events().toString(),
        workloads.errors());
  }

  private void rest(Duration time) throws InterruptedException {
    long until = System.nanoTime() + time.toNanos();
    while (System.nanoTime() < until && !interrupted.getAsBoolean()) {
      Thread.sleep(LOOK);
    }
  }
}
