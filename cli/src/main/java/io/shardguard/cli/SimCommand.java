package io.shardguard.cli;

import io.shardguard.simulator.Conduct;
import io.shardguard.simulator.Fault;
import io.shardguard.simulator.Schedule;
import io.shardguard.simulator.Schedule.Result;
import io.shardguard.simulator.Search;
import io.shardguard.simulator.Search.Found;
import io.shardguard.simulator.Transcript;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code shardguard sim}: failure drills without a cluster. Needs nothing that runs.
 *
 * <p>Exit code 1 if an invariant did not hold.
 */
@Command(
    name = "sim",
    description = {
      "Run failure schedules of ten virtual minutes each against the decision cores.",
      "Nothing that runs is needed or touched. Exit code 1: an invariant did not hold."
    })
final class SimCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "The schedule of this seed, told aloud; with --schedules, the first one.")
  private Long seed;

  @Option(names = "--schedules", paramLabel = "N", description = "Run so many schedules.")
  private Long schedules;

  @Option(
      names = "--until-failure",
      description = "Run schedules until one breaks an invariant, and make that one small.")
  private boolean untilFailure;

  @Override
  public Integer call() {
    if (seed == null && schedules == null && !untilFailure) {
      throw new ParameterException(
          spec.commandLine(), "Give --seed, --schedules or --until-failure.");
    }
    if (schedules != null && schedules < 1) {
      throw new ParameterException(spec.commandLine(), "--schedules must be at least 1.");
    }
    PrintWriter out = spec.commandLine().getOut();
    int code = schedules == null && !untilFailure ? tell(out) : search(out);
    out.flush();
    return code;
  }

  private int tell(PrintWriter out) {
    Schedule schedule = Schedule.of(seed);
    head(out, schedule);
    Transcript transcript = new Transcript();
    Result result = schedule.run(Conduct.GOOD, transcript);
    if (result.violation().isPresent()) {
      return tellFound(out, Search.shrink(schedule, Conduct.GOOD));
    }
    transcript.lines().forEach(out::println);
    out.printf(
        "%nEvery invariant held: %d failovers, %d writes acknowledged, none lost.%n",
        result.failovers(), result.acknowledged());
    return ExitCodes.OK;
  }

  private int search(PrintWriter out) {
    long first = seed == null ? 1 : seed;
    long many = schedules == null ? Long.MAX_VALUE - first : schedules;
    long failovers = 0;
    long acknowledged = 0;
    for (long i = 0; i < many; i++) {
      Schedule schedule = Schedule.of(first + i);
      Result result = schedule.run(Conduct.GOOD);
      if (result.violation().isPresent()) {
        out.printf(
            "Schedule %d of %s breaks an invariant.%n", i + 1, schedules == null ? "many" : many);
        head(out, schedule);
        return tellFound(out, Search.shrink(schedule, Conduct.GOOD));
      }
      failovers += result.failovers();
      acknowledged += result.acknowledged();
      if ((i + 1) % 1000 == 0) {
        out.printf("%d schedules, %d failovers, nothing lost%n", i + 1, failovers);
        out.flush();
      }
    }
    out.printf(
        "%d schedules from seed %d on: every invariant held; %d failovers, %d writes acknowledged, none lost.%n",
        many, first, failovers, acknowledged);
    return ExitCodes.OK;
  }

  private static void head(PrintWriter out, Schedule schedule) {
    out.printf(
        "Seed %d: %d groups of %d members, %d observers%s%s%n",
        schedule.seed(),
        schedule.shape().groups(),
        schedule.shape().members(),
        schedule.shape().observers(),
        schedule.shape().remote() ? ", the provisioner reaches members over the network alone" : "",
        schedule.shape().loopback() ? ", on a loopback network" : "");
    for (Fault fault : schedule.faults()) {
      out.println("  " + fault);
    }
    out.println();
  }

  private static int tellFound(PrintWriter out, Found found) {
    out.printf("It takes %d of its faults:%n", found.smallest().faults().size());
    found.smallest().faults().forEach(fault -> out.println("  " + fault));
    out.println();
    found.transcript().lines().forEach(out::println);
    out.printf(
        "%nBroken: %s%nKeep the seed: simulator/src/test/resources/seeds.txt%n",
        found.violation().getMessage());
    return ExitCodes.FAILED;
  }
}
