package io.shardguard.cli.order;

import io.shardguard.cli.ExitCodes;
import io.shardguard.cli.Failure;
import io.shardguard.cli.Terminal;
import io.shardguard.cli.local.Installation;
import io.shardguard.eventlog.LogReader;
import io.shardguard.events.Command.FailOver;
import io.shardguard.events.Observation;
import java.io.Console;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Has a group's primary replaced. */
@Command(
    name = "failover",
    description =
        "Replace the primary of a group, which does not serve. Without an eligible standby it is refused, unless you"
            + " accept that acknowledged commits may be lost.",
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:The group has its new primary.",
      "1:Refused, not finished in time, or the answer was no.",
      "2:The command line is wrong, there is no such group, or there is nobody to ask.",
      "3:The cluster is not running."
    })
public final class FailoverCommand implements Callable<Integer> {

  private static final Duration LOG = Duration.ofSeconds(10);
  private static final Duration LAST_SEEN_WITHIN = Duration.ofSeconds(10);

  @Mixin private OrderOptions options;

  @Parameters(paramLabel = "GROUP", description = "Its number; 0 is the coordinator's.")
  private int group;

  @Option(
      names = "--accept-data-loss",
      description =
          "Promote the standby with the most WAL of those that answer, although it may lack acknowledged commits. Says"
              + " what may be lost, and asks.")
  private boolean acceptDataLoss;

  @Option(names = "--yes", description = "Do not ask.")
  private boolean yes;

  @Override
  public Integer call() {
    Installation installation = options.installation();
    options.declared(installation).group(group);
    if (acceptDataLoss) {
      Terminal terminal = Terminal.standard();
      forecast(installation).forEach(terminal::line);
      if (!yes && !confirmed()) {
        terminal.line("Nothing was changed.");
        return ExitCodes.FAILED;
      }
    }
    return Order.to(installation)
        .give(List.of(new FailOver(group, acceptDataLoss)), options.timeout());
  }

  private List<String> forecast(Installation installation) {
    LogReader log = new LogReader(installation.bootstrapServers());
    try {
      Collection<Observation> observations =
          log.observations(installation.cluster(), Instant.now().minus(LAST_SEEN_WITHIN), LOG)
              .values();
      return LossForecast.of(
          log.groupStates(LOG).lastReadable().get(installation.cluster() + "/" + group),
          observations);
    } catch (TimeoutException e) {
      throw Failure.failed(
          "What may be lost cannot be said: " + e.getMessage(), "Nothing was ordered.", e);
    }
  }

  private boolean confirmed() {
    Console console = System.console();
    if (console == null) {
      throw options.misuse(
          "There is no terminal to ask on: say --yes to accept the loss without being asked.");
    }
    return "yes".equals(console.readLine("Accept the loss? Type yes: "));
  }
}
