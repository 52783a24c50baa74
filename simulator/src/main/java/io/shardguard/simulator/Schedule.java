package io.shardguard.simulator;

import static io.shardguard.simulator.Agenda.MILLI;
import static io.shardguard.simulator.Agenda.SECOND;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * One run: a cluster of its own, ten virtual minutes, and the faults that happen in them.
 *
 * @param seed decides all chance
 * @param faults in any order
 */
public record Schedule(long seed, Shape shape, List<Fault> faults) {

  /** Of each run, in virtual seconds. */
  public static final long LENGTH = 600;

  /** Transfers are dear to simulate. */
  private static final long TRANSFERS_IN_ONE_OF = 5;

  private static final long FORMED_WITHIN = 60 * SECOND;
  private static final long WHOLE_WITHIN = 240 * SECOND;
  private static final long WARM_UP = 3 * SECOND;

  /**
   * What a run came to.
   *
   * @param violation empty if every invariant held
   * @param steps things that happened
   * @param livedSeconds virtual time that was not skipped
   */
  public record Result(
      Optional<Violation> violation,
      long steps,
      double livedSeconds,
      int failovers,
      long acknowledged,
      long healedMillis) {}

  /** The schedule that a seed makes. */
  public static Schedule of(long seed) {
    Chance chance = new Chance(seed).split();
    Shape shape = Shape.by(chance).transferring(seed % TRANSFERS_IN_ONE_OF == 0);
    return new Schedule(seed, shape, Plan.of(chance, shape));
  }

  /** A schedule of one shape, with faults of these kinds alone. */
  public static Schedule of(long seed, Shape shape, List<Fault.Kind> kinds) {
    return new Schedule(seed, shape, Plan.of(new Chance(seed).split(), shape, kinds));
  }

  /** The same run with other faults. */
  public Schedule with(List<Fault> others) {
    return new Schedule(seed, shape, List.copyOf(others));
  }

  /** Runs. */
  public Result run(Conduct conduct) {
    return run(conduct, null);
  }

  /** Runs, and writes down what happens. */
  public Result run(Conduct conduct, Transcript transcript) {
    World world = new World(seed, shape, conduct, transcript);
    long healed = 0;
    Optional<Violation> violation = Optional.empty();
    try {
      healed = live(world);
    } catch (Violation found) {
      world.say("violation", found::getMessage);
      violation = Optional.of(found);
    }
    return new Result(
        violation,
        world.agenda.steps(),
        world.agenda.now() / (double) SECOND,
        world.checks.failovers(),
        world.clients.acknowledged(),
        healed);
  }

  private long live(World world) {
    world.start();
    awaitWhole(world, FORMED_WITHIN, "the cluster is formed");
    Faults faults = new Faults(world);
    List<Fault> inOrder = new ArrayList<>(faults());
    inOrder.sort(Comparator.comparingLong(Fault::at));
    for (Fault fault : inOrder) {
      until(world, faults, fault.at() * MILLI);
      faults.begin(fault);
    }
    while (faults.active()) {
      world.run(SECOND / 4);
    }
    long over = world.agenda.now();
    awaitWhole(world, WHOLE_WITHIN, Checks.HEALS);
    long healed = (world.agenda.now() - over) / MILLI;
    until(world, faults, LENGTH * SECOND);
    String lacks = world.checks.notWhole();
    if (lacks != null) {
      awaitWhole(world, WHOLE_WITHIN, Checks.HEALS);
    }
    world.checks.transfers();
    return healed;
  }

  /**
   * Quiet time is skipped: nothing would happen in it that did not happen in the seconds before.
   */
  private static void until(World world, Faults faults, long elapsed) {
    long quiet = 0;
    while (world.agenda.elapsed() < elapsed) {
      long left = elapsed - world.agenda.elapsed();
      boolean calm =
          !faults.active()
              && world.checks.notWhole() == null
              && world.monitors.stream().allMatch(Monitor::seesAll);
      quiet = calm ? quiet + 1 : 0;
      if (quiet > 3 && left > 2 * WARM_UP) {
        world.agenda.skip(left - WARM_UP);
        quiet = 0;
      } else {
        world.run(Math.min(left, SECOND));
      }
    }
  }

  private static void awaitWhole(World world, long within, String rule) {
    long giveUpAt = world.agenda.now() + within;
    while (true) {
      String lacks = world.checks.notWhole();
      if (lacks == null) {
        return;
      }
      if (world.agenda.now() > giveUpAt) {
        throw new Violation(rule, "after " + within / SECOND + " s still " + lacks);
      }
      world.run(SECOND / 4);
    }
  }
}
