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
import picocli.CommandLine.Option;

/** The drill {@code worker-cutoff}. */
@Command(
    name = "worker-cutoff",
    description =
        "Cut the primary of a worker group off until the control plane has answered; needs containers, or network namespaces.",
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

  /** What of the primary's network is cut. */
  enum Cut {
    /** All of it. */
    everybody(LinkFault.CUT_FROM_EVERYBODY),
    /**
     * Control plane and clients: the primary is unreachable, and goes down by the longest bound.
     */
    observers(LinkFault.CUT_FROM_OBSERVERS),
    /** Its standbys: it goes on without them. */
    standbys(LinkFault.CUT_WITHIN_GROUP),
    /** Nothing comes in. */
    in(LinkFault.DEAF),
    /** Nothing goes out. */
    out(LinkFault.MUTE),
    /** Its container is taken off the network. */
    engine(LinkFault.DISCONNECTED);

    private final LinkFault fault;

    Cut(LinkFault fault) {
      this.fault = fault;
    }
  }

  @Option(
      names = "--cut",
      paramLabel = "WHAT",
      defaultValue = "everybody",
      description =
          "What is cut: everybody, observers (control plane and clients), standbys, in (what comes to it), out (what it"
              + " sends), or engine (all, by docker network disconnect; containers only). Default: ${DEFAULT-VALUE}.")
  private Cut cut;

  @Override
  public Integer call() throws SQLException, InterruptedException, IOException {
    return options.run(
        "worker-cutoff",
        new Target(Role.PRIMARY, group.number()),
        target -> new Fault.OnLink(cut.fault, target));
  }
}
