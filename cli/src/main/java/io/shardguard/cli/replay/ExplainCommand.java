package io.shardguard.cli.replay;

import io.shardguard.cli.ExitCodes;
import io.shardguard.cli.MomentConverter;
import io.shardguard.cli.StateOption;
import io.shardguard.cli.Terminal;
import io.shardguard.failover.KafkaLog;
import io.shardguard.failover.explain.Explain;
import io.shardguard.failover.explain.Explanation;
import io.shardguard.failover.replay.RecordedLog;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Says in plain words why things are as they are. */
@Command(
    name = "explain",
    description =
        "Say in plain words, from the log: how a group stands, why, and what it waits for; or how a transition"
            + " went: what was seen by whom, which rule fired, who was not chosen, how long each phase took.",
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:Explained.",
      "1:Kafka did not answer in time, or the log is damaged.",
      "2:The command line is wrong, the file is no log, or the log has no such group or transition.",
      "3:Kafka is not running."
    })
public final class ExplainCommand implements Callable<Integer> {

  /** Observers speak once a second. */
  private static final Duration SEEN_BEFORE = Duration.ofSeconds(15);

  @Spec private CommandSpec command;

  @Mixin private StateOption state;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "GROUP|TRANSITION",
      description = "A group's number, or a transition's id (g1-e2-…). Default: all groups.")
  private String what;

  @Option(
      names = "--at",
      paramLabel = "TIME",
      converter = MomentConverter.class,
      description =
          "As it stood then, and was believed to: a time (2026-11-24T08:00:00Z) or how long ago (90s, 10m,"
              + " 2h, 1d).")
  private Instant at;

  @Option(
      names = "--log",
      paramLabel = "FILE",
      description =
          "The log in a file that events --export wrote. Default: that of the running cluster.")
  private Path file;

  @Override
  public Integer call() throws TimeoutException {
    RecordedLog log = file == null ? kafka() : LogSource.named(file, command);
    Terminal terminal = Terminal.standard();
    new ReplayText(ZoneId.systemDefault()).problems(log).forEach(terminal::line);
    ExplainText.lines(explain(log)).forEach(terminal::line);
    return log.damaged() ? ExitCodes.FAILED : ExitCodes.OK;
  }

  private List<Explanation> explain(RecordedLog log) {
    if (what == null) {
      return Explain.groups(log, at);
    }
    if (what.matches("\\d{1,5}")) {
      return List.of(found(Explain.group(log, Integer.parseInt(what), at), "group " + what));
    }
    return List.of(found(Explain.transition(log, what, at), "transition " + what));
  }

  private Explanation found(Optional<Explanation> explanation, String name) {
    String when = at == null ? "" : " at " + at;
    return explanation.orElseThrow(() -> misuse("The log has no " + name + when + "."));
  }

  private RecordedLog kafka() throws TimeoutException {
    KafkaLog log = LogSource.kafka(state.withKafka());
    return log.withObservations((at == null ? Instant.now() : at).minus(SEEN_BEFORE), at);
  }

  private ParameterException misuse(String message) {
    return new ParameterException(command.commandLine(), message);
  }
}
