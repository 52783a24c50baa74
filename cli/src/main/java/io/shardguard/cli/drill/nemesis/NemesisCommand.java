package io.shardguard.cli.drill.nemesis;

import io.shardguard.cli.ExitCodes;
import io.shardguard.cli.Failure;
import io.shardguard.cli.StateOption;
import io.shardguard.cli.Terminal;
import io.shardguard.cli.drill.fault.FaultPlan;
import io.shardguard.cli.drill.fault.LinkFault;
import io.shardguard.cli.local.Installation;
import io.shardguard.cli.local.OwnedFiles;
import io.shardguard.cli.local.RunUser;
import io.shardguard.events.EventCodec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The drill {@code nemesis}. */
@Command(
    name = "nemesis",
    description =
        "Break one thing after the other, by chance, under writers and transfers that are checked after each fault."
            + " Members' networks are broken too if they have one each.",
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:Nothing was lost, every sum is exact, and every group healed in time.",
      "1:A row or a transfer is lost, doubled or half applied, or a group did not heal in time.",
      "2:The command line is wrong.",
      "3:The cluster is not running, or not whole; nothing was broken."
    })
public final class NemesisCommand implements Callable<Integer> {

  /** A fault takes about that long, with its healing. */
  private static final int SECONDS_PER_FAULT = 15;

  private static final Duration REPORT_BOUND = Duration.ofMinutes(5);

  @Spec private CommandSpec command;

  @Mixin private StateOption state;

  @Option(
      names = "--minutes",
      paramLabel = "N",
      defaultValue = "5",
      description = "After which no new fault comes. Default: ${DEFAULT-VALUE}.")
  private int minutes;

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "Of everything that is left to chance. Default: another one each time.")
  private Long seed;

  @Option(
      names = "--pause",
      paramLabel = "SECONDS",
      defaultValue = "3",
      description =
          "The longest time from the healing of one fault to the next. Default: ${DEFAULT-VALUE}.")
  private int pause;

  @Option(
      names = "--healing",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description =
          "How long the cluster may take to be whole once a fault is over. Default: ${DEFAULT-VALUE}.")
  private int healing;

  @Option(names = "--plan", description = "Only show which faults are to come.")
  private boolean planOnly;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description =
          "Where the report goes as JSON. Default: a file in the state directory's drills/.")
  private Path json;

  @Override
  public Integer call() throws SQLException, InterruptedException, IOException, TimeoutException {
    require("--minutes", minutes);
    require("--healing", healing);
    if (pause < 0) {
      throw new ParameterException(command.commandLine(), "--pause is " + pause);
    }
    Terminal terminal = Terminal.standard();
    Installation installation = planOnly ? state.installation() : state.running();
    long chosen = seed == null ? new SplittableRandom().nextLong(1, 1_000_000) : seed;
    FaultPlan faults = new FaultPlan(chosen, room(installation));
    show(faults, chosen, terminal);
    return planOnly ? ExitCodes.OK : run(installation, faults, chosen, terminal);
  }

  private FaultPlan.Room room(Installation installation) {
    int workers = installation.spec().groups().size() - 1;
    if (workers < 1) {
      throw Failure.precondition(
          "The cluster has no worker group.", "The nemesis needs one: see cluster.yaml.");
    }
    return new FaultPlan.Room(
        workers,
        installation.spec().groups().stream()
                .mapToInt(group -> group.members().size())
                .max()
                .orElseThrow()
            - 1,
        LinkFault.possibleIn(installation),
        Duration.ofSeconds(pause));
  }

  private void show(FaultPlan faults, long chosen, Terminal terminal) {
    int count = minutes * 60 / SECONDS_PER_FAULT;
    terminal.line("The plan of seed " + chosen + ", its first " + count + " faults:");
    for (int number = 1; number <= count; number++) {
      terminal.line(faults.step(number).toString());
    }
    terminal.line("");
  }

  private int run(Installation installation, FaultPlan faults, long chosen, Terminal terminal)
      throws SQLException, InterruptedException, IOException, TimeoutException {
    String name = Instant.now().toString().replace(':', '-') + "-nemesis";
    Path drills = installation.state().drills();
    AtomicBoolean interrupted = new AtomicBoolean();
    CountDownLatch done = new CountDownLatch(1);
    Thread hook = new Thread(() -> endOrderly(interrupted, done));
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      NemesisReport report =
          new Nemesis(
                  installation,
                  new Nemesis.Plan(
                      faults,
                      chosen,
                      Duration.ofMinutes(minutes),
                      Duration.ofSeconds(healing),
                      drills.resolve(name + "-log.jsonl")),
                  terminal,
                  interrupted::get)
              .run();
      terminal.line("\n" + NemesisText.of(report));
      terminal.line("As JSON: " + write(report, drills.resolve(name + ".json")));
      return report.passed() ? ExitCodes.OK : ExitCodes.FAILED;
    } finally {
      done.countDown();
      if (!interrupted.get()) {
        Runtime.getRuntime().removeShutdownHook(hook);
      }
    }
  }

  /** The process ends with this hook: the report is to be out by then. */
  private static void endOrderly(AtomicBoolean interrupted, CountDownLatch done) {
    interrupted.set(true);
    try {
      done.await(REPORT_BOUND.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Path write(NemesisReport report, Path file) throws IOException {
    String text =
        new EventCodec().mapper().writerWithDefaultPrettyPrinter().writeValueAsString(report)
            + "\n";
    if (json != null) {
      return Files.writeString(json, text);
    }
    new OwnedFiles(RunUser.choose()).write(file, text, "rw-r--r--");
    return file;
  }

  private void require(String option, int value) {
    if (value < 1) {
      throw new ParameterException(
          command.commandLine(), option + " is " + value + "; it must be at least 1");
    }
  }
}
