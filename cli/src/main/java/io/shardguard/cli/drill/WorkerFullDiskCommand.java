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

/** The drill {@code worker-full-disk}. */
@Command(
    name = "worker-full-disk",
    description =
        "Let every write of the primary of a worker group to its disk fail, until it is replaced.",
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:Nothing was lost, and the group is whole again.",
      "1:An acknowledged row is lost or doubled, or the group did not heal in time.",
      "2:The command line is wrong.",
      "3:The cluster is not running, or not whole; nothing was done."
    })
final class WorkerFullDiskCommand implements Callable<Integer> {

  @Mixin private DrillOptions options;

  @Mixin private WorkerGroupOption group;

  @Override
  public Integer call() throws SQLException, InterruptedException, IOException {
    return options.run(
        "worker-full-disk",
        new Target(Role.PRIMARY, group.number()),
        target -> new Fault.OnServer(ServerFault.FULL_DISK, target));
  }
}
