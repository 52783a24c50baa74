package io.shardguard.cli;

import io.shardguard.cli.local.ClusterStop;
import io.shardguard.cli.local.Installation;
import java.io.Console;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Removes a cluster. */
@Command(
    name = "destroy",
    description = "Stop the cluster and remove its state directory with all data. Asks first.",
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:Removed.",
      "1:Something does not stop, or the answer was no.",
      "2:The command line is wrong.",
      "3:There is no cluster, or nobody to ask."
    })
final class DestroyCommand implements Callable<Integer> {

  @Mixin private StateOption state;

  @Option(names = "--yes", description = "Do not ask.")
  private boolean yes;

  @Override
  public Integer call() throws IOException {
    Installation installation = state.installation();
    Terminal terminal = Terminal.standard();
    if (!yes && !confirmed(installation)) {
      terminal.line("Nothing was changed.");
      return ExitCodes.FAILED;
    }
    ClusterStop stop = new ClusterStop(installation, terminal);
    stop.stop();
    stop.remove();
    return ExitCodes.OK;
  }

  private static boolean confirmed(Installation installation) {
    Console console = System.console();
    if (console == null) {
      throw Failure.precondition(
          "There is no terminal to ask on.",
          "Say --yes to remove the cluster without being asked.");
    }
    String answer =
        console.readLine(
            "Remove cluster %s with all its data in %s? Type its name: ",
            installation.cluster(), installation.state().root());
    return installation.cluster().equals(answer == null ? "" : answer.strip());
  }
}
