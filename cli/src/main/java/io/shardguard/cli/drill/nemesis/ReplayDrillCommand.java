package io.shardguard.cli.drill.nemesis;

import io.shardguard.cli.ExitCodes;
import io.shardguard.cli.StateOption;
import io.shardguard.cli.Terminal;
import io.shardguard.cli.drill.nemesis.Workloads.Findings;
import io.shardguard.cli.local.Installation;
import io.shardguard.cli.replay.LogSource;
import io.shardguard.cli.replay.PolicyOption;
import io.shardguard.events.Topics;
import io.shardguard.events.TransitionEvent.TransitionStarted;
import io.shardguard.failover.core.Policy;
import io.shardguard.failover.explain.Explain;
import io.shardguard.failover.explain.Explanation;
import io.shardguard.failover.replay.LogEntry.OfEvent;
import io.shardguard.failover.replay.PolicySettings;
import io.shardguard.failover.replay.RecordedLog;
import io.shardguard.failover.shadow.RecordedFact;
import io.shardguard.failover.shadow.Shadow;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The drill {@code replay}. */
@Command(
    name = "replay",
    description =
        "Bring the faults of a recorded incident about in the running cluster, at their times, under writers and"
            + " transfers that are checked afterwards. Who was hit is told by its role in its group. With --dry-run"
            + " nothing is touched: a shadow failover-coordinator supposes them, and says what it would decide.",
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:Nothing was lost, every sum is exact, and the cluster healed in time.",
      "1:Something was lost, did not heal in time, or could not be brought about; in a dry run: a group would be"
          + " left without a primary.",
      "2:The command line is wrong, or the file tells of no fault.",
      "3:The cluster is not running, or not whole; nothing was broken."
    })
public final class ReplayDrillCommand implements Callable<Integer> {

  /** How long a dry run looks on after the last thing that it supposes. */
  private static final Duration LINGER = Duration.ofSeconds(5);

  @Spec private CommandSpec command;

  @Mixin private StateOption state;

  @Parameters(
      index = "0",
      paramLabel = "FILE",
      description = "The incident's log, as events --export wrote it.")
  private Path file;

  @Option(names = "--plan", description = "Only show which faults are to come.")
  private boolean planOnly;

  @Option(
      names = "--dry-run",
      description =
          "Touch nothing: a shadow failover-coordinator follows the live topics, supposes what the incident's log"
              + " says of members, and writes what it would decide to a topic of its own.")
  private boolean dryRun;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description =
          "With --dry-run: what would be decided with another setting of failover-coordinator, e.g."
              + " failover.failovers-at-most=1; may be given several times.")
  private Map<String, String> settings = new LinkedHashMap<>();

  @Option(
      names = "--healing",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description =
          "How long the cluster may take to be whole once the last fault is over. Default: ${DEFAULT-VALUE}.")
  private int healing;

  @Override
  public Integer call() throws SQLException, InterruptedException, TimeoutException {
    if (healing < 1) {
      throw misuse("--healing is " + healing + "; it must be at least 1");
    }
    if (dryRun && planOnly) {
      throw misuse("--plan and --dry-run do not go together.");
    }
    if (!dryRun && !settings.isEmpty()) {
      throw misuse("--set goes with --dry-run only: the running cluster has its own settings.");
    }
    RecordedLog log = LogSource.named(file, command);
    if (dryRun) {
      return shadow(log, Terminal.standard());
    }
    List<RecordedFaults.Timed> faults = RecordedFaults.of(log);
    if (faults.isEmpty()) {
      throw misuse(file + " tells of no fault.");
    }
    Terminal terminal = Terminal.standard();
    terminal.line("The faults of " + file + ":");
    faults.forEach(fault -> terminal.line("  " + fault));
    return planOnly ? ExitCodes.OK : run(log, faults, terminal);
  }

  private int run(RecordedLog recorded, List<RecordedFaults.Timed> faults, Terminal terminal)
      throws SQLException, InterruptedException, TimeoutException {
    Installation installation = state.running();
    Instant start = Instant.now();
    ReplayDrill.Result result =
        new ReplayDrill(installation, Duration.ofSeconds(healing), terminal).run(faults);
    terminal.line("\nThen:");
    transitions(recorded, Instant.EPOCH).forEach(terminal::line);
    terminal.line("Now:");
    transitions(LogSource.kafka(installation).decisions(null), start).forEach(terminal::line);
    terminal.line("");
    terminal.line(verdict(result));
    return result.passed() ? ExitCodes.OK : ExitCodes.FAILED;
  }

  private int shadow(RecordedLog recorded, Terminal terminal)
      throws InterruptedException, TimeoutException {
    List<RecordedFact> facts = RecordedFact.of(recorded);
    if (facts.isEmpty()) {
      throw misuse(file + " tells of no member that was down.");
    }
    settings();
    Installation installation = state.running();
    DryRun run = new DryRun(terminal);
    terminal.line("Nothing is touched. Decided goes to " + Topics.SHADOW_EVENTS + " alone.");
    new Shadow(installation.bootstrapServers(), installation.cluster(), policy(installation), run)
        .run(facts, LINGER);
    terminal.line("\nIn the incident:");
    transitions(recorded, Instant.EPOCH).forEach(terminal::line);
    terminal.line("");
    terminal.line(run.sum());
    return run.everyGroupHasAPrimary() ? ExitCodes.OK : ExitCodes.FAILED;
  }

  /** As the newest decision of the running cluster was made, but for what is set. */
  private Policy policy(Installation installation) throws TimeoutException {
    Map<String, String> all = new TreeMap<>();
    LogSource.kafka(installation).decisions(null).events().stream()
        .flatMap(event -> event.basis().stream())
        .reduce((before, newest) -> newest)
        .ifPresent(basis -> all.putAll(basis.policy()));
    all.putAll(settings());
    return PolicySettings.policy(all);
  }

  private Map<String, String> settings() {
    return PolicyOption.named(settings, command);
  }

  private static List<String> transitions(RecordedLog log, Instant since) {
    List<String> titles =
        log.events().stream()
            .map(OfEvent::envelope)
            .filter(e -> e.data() instanceof TransitionStarted && !e.time().isBefore(since))
            .map(e -> ((TransitionStarted) e.data()).transition())
            .flatMap(id -> Explain.transition(log, id, null).stream())
            .map(Explanation::title)
            .map(title -> "  " + title)
            .toList();
    return titles.isEmpty() ? List.of("  no transition") : titles;
  }

  static String verdict(ReplayDrill.Result result) {
    Findings findings = result.findings();
    String rows =
        "rows: %d acknowledged, %d lost, %d duplicated; transfers: %d acknowledged, %d lost, %d half applied"
            .formatted(
                findings.rows().acknowledged(),
                findings.rows().lost().size(),
                findings.rows().duplicated().size(),
                findings.audit().acknowledged(),
                findings.audit().lost().size(),
                findings.audit().halfApplied().size());
    String healed =
        result.healed().millis() == null
            ? "NOT WHOLE in time: " + String.join("; ", result.healed().problems())
            : "whole again " + result.healed().millis() + " ms after the last fault";
    return (result.passed() ? "Passed: " : "FAILED: ") + healed + "; " + rows + ".";
  }

  private ParameterException misuse(String message) {
    return new ParameterException(command.commandLine(), message);
  }
}
