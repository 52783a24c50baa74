package io.shardguard.cli.drill;

import io.shardguard.cli.drill.fault.Fault;
import io.shardguard.cli.drill.fault.LinkFault;
import io.shardguard.cli.drill.fault.Target;
import io.shardguard.cli.drill.fault.Target.Role;
import java.io.IOException;
import java.sql.SQLException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The drill {@code worker-cutoff}. */
@Command(
    name = "worker-cutoff",
    description =
        "Cut the primary of a worker group off from everybody, until it is replaced; needs network namespaces.",
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:Nothing was lost, and the group is whole again.",
      "1:An acknowledged row is lost or doubled, or the group did not heal in time.",
      "2:The command line is wrong.",
      "3:The cluster is not running, or not whole; nothing was done."
    })
final class WorkerCutoffCommand implements Callable<Integer> {

  @Mixin private DrillOptions options;

  @Mixin private WorkerGroupOption group;

  @Override
  public Integer call() throws SQLException, InterruptedException, IOException {
    return options.run(
        "worker-cutoff",
        new Target(Role.PRIMARY, group.number()),
        target -> new Fault.OnLink(LinkFault.CUT_FROM_EVERYBODY, target));
  }
}
