package io.shardguard.cli.replay;

import io.shardguard.cli.ExitCodes;
import io.shardguard.cli.MomentConverter;
import io.shardguard.cli.StateOption;
import io.shardguard.cli.Terminal;
import io.shardguard.failover.KafkaLog;
import io.shardguard.failover.replay.Judgement;
import io.shardguard.failover.replay.Judgement.Outcome;
import io.shardguard.failover.replay.RecordedLog;
import io.shardguard.failover.replay.Replay;
import io.shardguard.failover.replay.ReplayOptions;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Decides a recorded log again. */
@Command(
    name = "replay",
    description = {
      "Decide a recorded log again with the present code, and show of each decision whether it is the same.",
      "Without LOG: the log of the running cluster."
    },
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:Every decision is the same.",
      "1:One is different, or cannot be decided again; or the log is damaged.",
      "2:The command line is wrong, or the file is no log of this version: nothing was replayed.",
      "3:Kafka is not running."
    })
public final class ReplayCommand implements Callable<Integer> {

  @Spec private CommandSpec command;

  @Mixin private StateOption state;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "LOG",
      description = "A file that events --export wrote.")
  private Path file;

  @Option(
      names = "--from",
      paramLabel = "WHEN",
      converter = MomentConverter.class,
      description =
          "Decide again from then on: a time (2026-11-24T08:00:00Z) or how long ago (90s, 10m, 2h, 1d). What"
              + " was decided before is taken as it is.")
  private Instant from;

  @Option(
      names = "--to",
      paramLabel = "WHEN",
      converter = MomentConverter.class,
      description = "Decide again until then.")
  private Instant to;

  @Option(
      names = "--transition",
      paramLabel = "ID",
      description = "Decide one incident again: from the transition's beginning to its end.")
  private String transition;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description =
          "What would be decided with another setting of failover-coordinator, e.g."
              + " failover.standby-silent-after=8s; may be given several times. Each decision is asked of the"
              + " recorded state.")
  private Map<String, String> settings = new LinkedHashMap<>();

  @Option(
      names = "--with-observations",
      description =
          "Without LOG: read the observations, too, and judge what was not decided. So it is in any case for a"
              + " time range or an incident.")
  private boolean withObservations;

  @Option(names = "--differences", description = "Leave out what is the same.")
  private boolean differences;

  @Override
  public Integer call() throws TimeoutException {
    refuseWhatDoesNotGoTogether();
    RecordedLog log = file == null ? kafka() : LogSource.named(file, command);
    ReplayOptions options = options(log);
    Terminal terminal = Terminal.standard();
    ReplayText text = new ReplayText(ZoneId.systemDefault());
    text.problems(log).forEach(terminal::line);
    List<Judgement> judgements = Replay.of(log, options);
    judgements.stream()
        .filter(judgement -> !differences || judgement.outcome() != Outcome.SAME)
        .flatMap(judgement -> text.lines(judgement).stream())
        .forEach(terminal::line);
    terminal.line(ReplayText.sum(judgements) + (log.damaged() ? " The log is damaged." : ""));
    boolean same = judgements.stream().allMatch(j -> j.outcome() == Outcome.SAME);
    return same && !log.damaged() ? ExitCodes.OK : ExitCodes.FAILED;
  }

  private void refuseWhatDoesNotGoTogether() {
    if (transition != null && (from != null || to != null)) {
      throw misuse("--transition goes neither with --from nor with --to.");
    }
    if (from != null && to != null && to.isBefore(from)) {
      throw misuse("--to is before --from.");
    }
    if (file != null && withObservations) {
      throw misuse("--with-observations goes without LOG only: a file has them, or not.");
    }
    settings();
  }

  private ParameterException misuse(String message) {
    return new ParameterException(command.commandLine(), message);
  }

  private Map<String, String> settings() {
    return PolicyOption.named(settings, command);
  }

  private RecordedLog kafka() throws TimeoutException {
    KafkaLog log = LogSource.kafka(state.withKafka());
    if (transition != null) {
      ReplayOptions incident = options(log.decisions(null));
      return log.withObservations(incident.from(), incident.to());
    }
    return withObservations || from != null || to != null
        ? log.withObservations(from, to)
        : log.decisions(null);
  }

  private ReplayOptions options(RecordedLog log) {
    return transition == null
        ? new ReplayOptions(from, to, settings())
        : ReplayOptions.incident(log, transition, settings())
            .orElseThrow(() -> misuse("The log has no transition " + transition + "."));
  }
}
