package io.shardguard.cli.drill;

import io.shardguard.cli.drill.nemesis.NemesisCommand;
import io.shardguard.cli.drill.nemesis.ReplayDrillCommand;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The drills. */
@Command(
    name = "drill",
    synopsisSubcommandLabel = "NAME",
    description =
        "Try the failover on the running cluster, under writers that remember every acknowledged row.",
    subcommands = {
      WorkerCrashCommand.class,
      CoordinatorCrashCommand.class,
      StandbyCrashCommand.class,
      WorkerHangCommand.class,
      CoordinatorHangCommand.class,
      StandbyHangCommand.class,
      WorkerFullDiskCommand.class,
      StandbyFullDiskCommand.class,
      WorkerCutoffCommand.class,
      WorkerBadLinkCommand.class,
      SwitchoverDrillCommand.class,
      ByHandCommand.class,
      NemesisCommand.class,
      ReplayDrillCommand.class
    })
public final class DrillCommand implements Runnable {

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Name a drill.");
  }
}
