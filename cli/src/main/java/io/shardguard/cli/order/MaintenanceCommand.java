package io.shardguard.cli.order;

import io.shardguard.cli.local.Installation;
import io.shardguard.events.Command.EndMaintenance;
import io.shardguard.events.Command.StartMaintenance;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Takes members into maintenance and out of it. */
@Command(
    name = "maintenance",
    description =
        "Take a member into maintenance, or out of it. A member in maintenance is not counted on: a standby is not"
            + " promoted, a primary not replaced, and neither is started again when it ends.",
    synopsisSubcommandLabel = "(start | end) MEMBER")
public final class MaintenanceCommand implements Runnable {

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Say start or end, and the member.");
  }

  @Command(
      name = "start",
      description = "Do not count on the member, nor start it again, until its maintenance ends.",
      exitCodeListHeading = "Exit codes:%n",
      exitCodeList = {
        "0:Done.",
        "1:Refused, or not answered in time.",
        "2:The command line is wrong, or there is no such member.",
        "3:The cluster is not running."
      })
  int start(
      @Mixin OrderOptions options,
      @Parameters(paramLabel = "MEMBER", description = "Its name.") String member) {
    Installation installation = options.installation();
    int group = options.declared(installation).groupOf(member);
    return Order.to(installation)
        .give(List.of(new StartMaintenance(group, member)), options.timeout());
  }

  @Command(
      name = "end",
      description = "Count on the member again; it is started if it is down.",
      exitCodeListHeading = "Exit codes:%n",
      exitCodeList = {
        "0:Done.",
        "1:Refused, or not answered in time.",
        "2:The command line is wrong, or there is no such member.",
        "3:The cluster is not running."
      })
  int end(
      @Mixin OrderOptions options,
      @Parameters(paramLabel = "MEMBER", description = "Its name.") String member) {
    Installation installation = options.installation();
    int group = options.declared(installation).groupOf(member);
    return Order.to(installation)
        .give(List.of(new EndMaintenance(group, member)), options.timeout());
  }
}
