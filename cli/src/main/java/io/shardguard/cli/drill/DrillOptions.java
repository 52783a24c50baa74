package io.shardguard.cli.drill;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.shardguard.cli.ExitCodes;
import io.shardguard.cli.StateOption;
import io.shardguard.cli.Terminal;
import io.shardguard.cli.drill.fault.Fault;
import io.shardguard.cli.drill.fault.Target;
import io.shardguard.cli.local.Installation;
import io.shardguard.cli.local.OwnedFiles;
import io.shardguard.cli.local.Parts;
import io.shardguard.cli.local.RunUser;
import io.shardguard.cli.local.StatusReader;
import io.shardguard.events.EventCodec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Function;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What all drills have in common. */
final class DrillOptions {

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Mixin private StateOption state;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description =
          "Where the report goes as JSON. Default: a file in the state directory's drills/.")
  private Path json;

  @Option(
      names = "--seconds-before",
      paramLabel = "N",
      defaultValue = "5",
      description = "Writing before the fault. Default: ${DEFAULT-VALUE}.")
  private int secondsBefore;

  @Option(
      names = "--seconds-after",
      paramLabel = "N",
      defaultValue = "5",
      description = "Writing after the answer to it. Default: ${DEFAULT-VALUE}.")
  private int secondsAfter;

  @Option(
      names = "--writers",
      paramLabel = "N",
      defaultValue = "2",
      description = "Writers for the keys of each worker group. Default: ${DEFAULT-VALUE}.")
  private int writers;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description =
          "How long the control plane may take to answer the fault. Default: ${DEFAULT-VALUE}.")
  private int timeout;

  /** Runs a drill and reports; the exit code says whether it passed. */
  int run(String name, Target target, Function<Target, Fault> fault)
      throws SQLException, InterruptedException, IOException {
    Fault chosen = fault.apply(target);
    return run(name, target, chosen, Drill.Expected.of(chosen, target), Duration.ZERO);
  }

  /**
   * The same, with a fault that needs no answer.
   *
   * @param hold for how long it is on
   */
  int run(String name, Target target, Fault fault, Drill.Expected expected, Duration hold)
      throws SQLException, InterruptedException, IOException {
    require("--seconds-before", secondsBefore, 1);
    require("--seconds-after", secondsAfter, 1);
    require("--writers", writers, 1);
    require("--timeout", timeout, 1);
    Installation installation = state.running();
    Terminal terminal = Terminal.standard();
    Drill.Plan plan =
        new Drill.Plan(
            name,
            fault,
            target,
            Duration.ofSeconds(secondsBefore),
            Duration.ofSeconds(secondsAfter),
            Duration.ofSeconds(timeout),
            expected,
            hold,
            writers);
    DrillReport report =
        new Drill(installation, plan, terminal)
            .run(new StatusReader(installation).read(Parts.of(installation).programs()));
    terminal.line("\n" + DrillText.of(report));
    terminal.line("As JSON: " + write(report, installation));
    return report.passed() ? ExitCodes.OK : ExitCodes.FAILED;
  }

  private Path write(DrillReport report, Installation installation) throws IOException {
    String text = text(report);
    if (json != null) {
      return Files.writeString(json, text);
    }
    Path file =
        installation
            .state()
            .drills()
            .resolve(Instant.now().toString().replace(':', '-') + "-" + report.drill() + ".json");
    new OwnedFiles(RunUser.choose()).write(file, text, "rw-r--r--");
    return file;
  }

  private static String text(DrillReport report) throws JsonProcessingException {
    return new EventCodec().mapper().writerWithDefaultPrettyPrinter().writeValueAsString(report)
        + "\n";
  }

  /** Refuses an option's value that is too small. */
  void require(String option, int value, int least) {
    if (value < least) {
      throw new ParameterException(
          command.commandLine(), option + " is " + value + "; it must be at least " + least);
    }
  }
}
