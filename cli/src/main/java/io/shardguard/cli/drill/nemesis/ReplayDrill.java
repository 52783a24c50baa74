package io.shardguard.cli.drill.nemesis;

import io.shardguard.cli.Failure;
import io.shardguard.cli.Terminal;
import io.shardguard.cli.drill.fault.FaultInjector;
import io.shardguard.cli.drill.fault.FaultInjector.Inflicted;
import io.shardguard.cli.drill.nemesis.Workloads.Findings;
import io.shardguard.cli.local.Installation;
import io.shardguard.cli.view.ClusterStatus;
import io.shardguard.events.GroupTopology;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;

/** Brings the faults of an incident about again, at their times, under the nemesis' workloads. */
final class ReplayDrill {

  /** To read who is what takes a while; faults so soon after the first find it read. */
  private static final Duration ROLES_HOLD = Duration.ofSeconds(5);

  private final Terminal terminal;
  private final Duration healing;
  private final ClusterWatch watch;
  private final FaultInjector injector;
  private final Workloads workloads;
  private final List<Inflicted> lasting = new ArrayList<>();
  private Map<Integer, GroupTopology> topology = Map.of();

  /**
   * @param healing how long the cluster may take to be whole once the last fault is over
   */
  ReplayDrill(Installation installation, Duration healing, Terminal terminal) {
    this.terminal = terminal;
    this.healing = healing;
    this.watch = new ClusterWatch(installation);
    this.injector = new FaultInjector(installation);
    this.workloads = new Workloads(installation, terminal);
  }

  /**
   * What became of it.
   *
   * @param healed from the end of the last fault until the cluster was whole; never, if it was not
   *     in time
   */
  record Result(Findings findings, ClusterWatch.Healing healed, List<String> notDone) {

    boolean passed() {
      return findings.right() && healed.millis() != null && notDone.isEmpty();
    }
  }

  /** Something that is to be done at a time. */
  private record Act(Duration at, Work work) {}

  private interface Work {
    void run() throws TimeoutException;
  }

  /**
   * Runs it.
   *
   * @throws Failure if the cluster is not whole at the beginning: nothing is broken then
   */
  Result run(List<RecordedFaults.Timed> faults)
      throws SQLException, InterruptedException, TimeoutException {
    ClusterStatus before = watch.status();
    if (!before.whole()) {
      throw Failure.precondition(
          "The cluster is not whole, and a drill would harm it:\n  "
              + String.join("\n  ", before.problems()),
          "Wait until ./shardguard status says that everything is as it should be.");
    }
    workloads.start(before.groups().size(), 1);
    topology = watch.topology();
    List<String> notDone = new ArrayList<>();
    try {
      act(acts(faults), notDone);
    } finally {
      lasting.forEach(inflicted -> inflicted.undo().run());
    }
    ClusterWatch.Healing healed = watch.await(System.nanoTime(), healing, this::putRight);
    workloads.stop();
    terminal.step("The workloads have ended; everything is read back");
    Findings findings = workloads.check(healing);
    if (findings.right()) {
      workloads.clear();
    }
    return new Result(findings, healed, notDone);
  }

  private boolean putRight() {
    return lasting.stream().allMatch(inflicted -> inflicted.putRight().getAsBoolean());
  }

  private List<Act> acts(List<RecordedFaults.Timed> faults) {
    List<Act> acts = new ArrayList<>();
    for (RecordedFaults.Timed fault : faults) {
      Inflicted[] done = {null};
      acts.add(new Act(fault.after(), () -> done[0] = inflict(fault)));
      if (fault.fault().lasts()) {
        acts.add(
            new Act(
                fault.after().plus(fault.hold()),
                () -> {
                  if (done[0] != null) {
                    done[0].undo().run();
                  }
                }));
      }
    }
    acts.sort(Comparator.comparing(Act::at));
    return acts;
  }

  private Inflicted inflict(RecordedFaults.Timed fault) throws TimeoutException {
    if (fault.after().compareTo(ROLES_HOLD) > 0) {
      topology = watch.topology();
    }
    Inflicted inflicted = injector.inflict(fault.fault(), topology);
    lasting.add(inflicted);
    terminal.step(fault + " " + String.join(", ", inflicted.members()));
    return inflicted;
  }

  private void act(List<Act> acts, List<String> notDone) throws InterruptedException {
    long start = System.nanoTime();
    for (Act act : acts) {
      Thread.sleep(Duration.ofNanos(Math.max(0, start + act.at().toNanos() - System.nanoTime())));
      try {
        act.work().run();
      } catch (Failure | TimeoutException e) {
        notDone.add(e.getMessage());
        terminal.step("could not be done: " + e.getMessage());
      }
    }
  }
}
