package io.shardguard.cli.drill;

import java.io.IOException;
import java.sql.SQLException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The drill {@code worker-crash}. */
@Command(
    name = "worker-crash",
    description = "Kill the primary of a worker group by SIGKILL.",
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:Nothing was lost, and the group is whole again.",
      "1:An acknowledged row is lost or doubled, or the group did not heal in time.",
      "2:The command line is wrong.",
      "3:The cluster is not running, or not whole; nothing was killed."
    })
final class WorkerCrashCommand implements Callable<Integer> {

  @Mixin private DrillOptions options;

  @Option(
      names = "--group",
      paramLabel = "N",
      defaultValue = "1",
      description = "Which worker group. Default: ${DEFAULT-VALUE}.")
  private int group;

  @Spec private CommandSpec command;

  @Override
  public Integer call() throws SQLException, InterruptedException, IOException {
    if (group < 1) {
      throw new ParameterException(
          command.commandLine(), "--group is " + group + "; worker groups count from 1");
    }
    return options.run("worker-crash", group);
  }
}
