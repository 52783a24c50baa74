package io.shardguard.cli.drill;

import io.shardguard.cli.drill.fault.Fault;
import io.shardguard.cli.drill.fault.Target;
import io.shardguard.cli.drill.fault.Target.Role;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The drill {@code by-hand}. */
@Command(
    name = "by-hand",
    description =
        "Break nothing: write and count for a while, in which you break something yourself, then wait until all groups"
            + " are whole.",
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:Nothing was lost, and every group is whole again.",
      "1:An acknowledged row is lost or doubled, or a group did not heal in time.",
      "2:The command line is wrong.",
      "3:The cluster is not running, or not whole; nothing was done."
    })
final class ByHandCommand implements Callable<Integer> {

  @Mixin private DrillOptions options;

  @Option(
      names = "--run",
      paramLabel = "COMMAND",
      description = "What a shell does in the place of your hands; the time begins with its end.")
  private String run;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "60",
      description = "The time for it. Default: ${DEFAULT-VALUE}.")
  private int seconds;

  @Override
  public Integer call() throws SQLException, InterruptedException, IOException {
    options.require("--seconds", seconds, 1);
    return options.run(
        "by-hand",
        new Target(Role.PRIMARY, 0),
        new Fault.Outside(run),
        Drill.Expected.ANYTHING,
        Duration.ofSeconds(seconds));
  }
}
