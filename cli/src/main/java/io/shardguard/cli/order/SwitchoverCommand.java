package io.shardguard.cli.order;

import io.shardguard.cli.local.Installation;
import io.shardguard.events.Command.SwitchOver;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Has a standby take over from a primary that serves. */
@Command(
    name = "switchover",
    description =
        "Have an eligible standby of a group take over from its primary, which serves: before work on the primary's"
            + " machine, say. No acknowledged write is lost; writes to the group wait or fail for a moment, and the"
            + " old primary comes back as a standby by itself. If it cannot be brought to its end before the"
            + " candidate is chosen, it is abandoned, and the primary goes on.",
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:The group has its new primary.",
      "1:Refused, abandoned, or not finished in time.",
      "2:The command line is wrong, or there is no such group or member.",
      "3:The cluster is not running."
    })
public final class SwitchoverCommand implements Callable<Integer> {

  @Mixin private OrderOptions options;

  @Parameters(paramLabel = "GROUP", description = "Its number; 0 is the coordinator's.")
  private int group;

  @Option(
      names = "--to",
      paramLabel = "MEMBER",
      description = "Who is to be the primary. Default: an eligible standby.")
  private String to;

  @Override
  public Integer call() {
    Installation installation = options.installation();
    Declared declared = options.declared(installation);
    declared.group(group);
    if (to != null && declared.groupOf(to) != group) {
      throw options.misuse(to + " is no member of group " + group + ".");
    }
    return Order.to(installation).give(List.of(new SwitchOver(group, to)), options.timeout());
  }
}
