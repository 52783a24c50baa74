package io.shardguard.cli.drill;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which worker group a drill is about. */
final class WorkerGroupOption {

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--group",
      paramLabel = "N",
      defaultValue = "1",
      description = "Which worker group. Default: ${DEFAULT-VALUE}.")
  private int group;

  /** At least 1. */
  int number() {
    if (group < 1) {
      throw new ParameterException(
          command.commandLine(), "--group is " + group + "; worker groups count from 1");
    }
    return group;
  }
}
