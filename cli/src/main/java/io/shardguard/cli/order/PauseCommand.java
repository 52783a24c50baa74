package io.shardguard.cli.order;

import io.shardguard.cli.local.Installation;
import io.shardguard.events.Command.Pause;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Stops automatic failovers. */
@Command(
    name = "pause",
    description =
        "Make no automatic failovers in a group, or in all of them, until ./shardguard resume.",
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:Done.",
      "1:Refused, or not answered in time.",
      "2:The command line is wrong, or there is no such group.",
      "3:The cluster is not running."
    })
public final class PauseCommand implements Callable<Integer> {

  @Mixin private OrderOptions options;

  @Parameters(arity = "0..1", paramLabel = "GROUP", description = "Its number. Default: all.")
  private Integer group;

  @Override
  public Integer call() {
    Installation installation = options.installation();
    List<Integer> groups = options.declared(installation).groups(group);
    return Order.to(installation)
        .give(
            groups.stream().<io.shardguard.events.Command>map(Pause::new).toList(),
            options.timeout());
  }
}
