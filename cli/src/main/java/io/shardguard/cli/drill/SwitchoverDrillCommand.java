package io.shardguard.cli.drill;

import io.shardguard.cli.drill.fault.Fault;
import io.shardguard.cli.drill.fault.Target;
import io.shardguard.cli.drill.fault.Target.Role;
import java.io.IOException;
import java.sql.SQLException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The drill {@code switchover}. */
@Command(
    name = "switchover",
    description = "Order a switchover of a group, and see what it costs those who write.",
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:Nothing was lost, and the group is whole again.",
      "1:An acknowledged row is lost or doubled, or the group did not heal in time.",
      "2:The command line is wrong.",
      "3:The cluster is not running, or not whole; nothing was done."
    })
final class SwitchoverDrillCommand implements Callable<Integer> {

  @Mixin private DrillOptions options;

  @Option(
      names = "--group",
      paramLabel = "N",
      defaultValue = "1",
      description = "Its number; 0 is the coordinator's. Default: ${DEFAULT-VALUE}.")
  private int group;

  @Override
  public Integer call() throws SQLException, InterruptedException, IOException {
    return options.run(
        "switchover",
        new Target(Role.PRIMARY, group),
        target -> new Fault.Switchover(target.group()));
  }
}
