package io.shardguard.cli.drill;

import io.shardguard.cli.drill.fault.Fault;
import io.shardguard.cli.drill.fault.ServerFault;
import io.shardguard.cli.drill.fault.Target;
import io.shardguard.cli.drill.fault.Target.Role;
import java.io.IOException;
import java.sql.SQLException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The drill {@code coordinator-crash}. */
@Command(
    name = "coordinator-crash",
    description = "Kill the primary of the coordinator group by SIGKILL.",
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:Nothing was lost, and the group is whole again.",
      "1:An acknowledged row is lost or doubled, or the group did not heal in time.",
      "2:The command line is wrong.",
      "3:The cluster is not running, or not whole; nothing was done."
    })
final class CoordinatorCrashCommand implements Callable<Integer> {

  @Mixin private DrillOptions options;

  @Override
  public Integer call() throws SQLException, InterruptedException, IOException {
    return options.run(
        "coordinator-crash",
        new Target(Role.PRIMARY, 0),
        target -> new Fault.OnServer(ServerFault.KILL_POSTMASTER, target));
  }
}
