package io.shardguard.cli;

import io.shardguard.cli.local.ClusterStop;
import io.shardguard.cli.local.Installation;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Stops a cluster. */
@Command(
    name = "down",
    description =
        "Stop the cluster: members, services, HAProxy and Kafka. The data stay; ./shardguard up goes on with them.",
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:Stopped, or it was not running.",
      "1:Something does not stop.",
      "2:The command line is wrong.",
      "3:There is no cluster."
    })
final class DownCommand implements Callable<Integer> {

  @Mixin private StateOption state;

  @Override
  public Integer call() {
    Installation installation = state.installation();
    new ClusterStop(installation, Terminal.standard()).stop();
    return ExitCodes.OK;
  }
}
