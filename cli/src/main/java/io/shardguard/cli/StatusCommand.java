package io.shardguard.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.shardguard.cli.local.Installation;
import io.shardguard.cli.local.Parts;
import io.shardguard.cli.local.StatusReader;
import io.shardguard.cli.view.ClusterStatus;
import io.shardguard.cli.view.StatusText;
import io.shardguard.events.EventCodec;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows how a cluster is. */
@Command(
    name = "status",
    description =
        "Show every member, service and part of the cluster, and what is not as it should be.",
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:The cluster is whole.",
      "1:Something is not as it should be.",
      "2:The command line is wrong.",
      "3:The cluster is not running."
    })
final class StatusCommand implements Callable<Integer> {

  @Mixin private StateOption state;

  @Option(names = "--json", description = "Write JSON.")
  private boolean json;

  @Override
  public Integer call() throws JsonProcessingException {
    Installation installation = state.running();
    ClusterStatus status = new StatusReader(installation).read(Parts.of(installation).programs());
    Terminal.standard()
        .line(
            json
                ? new EventCodec()
                    .mapper()
                    .writerWithDefaultPrettyPrinter()
                    .writeValueAsString(status)
                : StatusText.of(status));
    return status.whole() ? ExitCodes.OK : ExitCodes.FAILED;
  }
}
