package io.shardguard.cli.drill;

import io.shardguard.cli.drill.fault.Fault;
import io.shardguard.cli.drill.fault.LinkFault;
import io.shardguard.cli.drill.fault.Target;
import io.shardguard.cli.drill.fault.Target.Role;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The drill {@code worker-bad-link}. */
@Command(
    name = "worker-bad-link",
    description =
        "Delay or lose packets to the primary of a worker group, which is no reason to replace it; needs containers, or"
            + " network namespaces.",
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:Nothing was lost, the primary stayed, and the group is whole again.",
      "1:An acknowledged row is lost or doubled, the primary was replaced, or the group did not heal in time.",
      "2:The command line is wrong.",
      "3:The cluster is not running, or not whole; nothing was done."
    })
final class WorkerBadLinkCommand implements Callable<Integer> {

  @Mixin private DrillOptions options;

  @Mixin private WorkerGroupOption group;

  /** What is bad about the link. */
  enum Link {
    /** Packets come late. */
    slow(LinkFault.SLOW),
    /** Some do not come. */
    lossy(LinkFault.LOSSY);

    private final LinkFault fault;

    Link(LinkFault fault) {
      this.fault = fault;
    }
  }

  @Option(
      names = "--link",
      paramLabel = "HOW",
      defaultValue = "slow",
      description =
          "slow (every packet comes 150 to 250 ms late) or lossy (one of five does not come). Default: ${DEFAULT-VALUE}.")
  private Link link;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "20",
      description = "How long it is so. Default: ${DEFAULT-VALUE}.")
  private int seconds;

  @Override
  public Integer call() throws SQLException, InterruptedException, IOException {
    options.require("--seconds", seconds, 1);
    Target primary = new Target(Role.PRIMARY, group.number());
    return options.run(
        "worker-bad-link",
        primary,
        new Fault.OnLink(link.fault, primary),
        Drill.Expected.NOTHING,
        Duration.ofSeconds(seconds));
  }
}
