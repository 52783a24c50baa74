package io.shardguard.cli;

import io.shardguard.cli.drill.DrillCommand;
import io.shardguard.cli.order.FailoverCommand;
import io.shardguard.cli.order.MaintenanceCommand;
import io.shardguard.cli.order.PauseCommand;
import io.shardguard.cli.order.ResumeCommand;
import io.shardguard.cli.order.SwitchoverCommand;
import io.shardguard.cli.replay.ExplainCommand;
import io.shardguard.cli.replay.ReplayCommand;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command {@code shardguard}: only its subcommands do something. */
@Command(
    name = "shardguard",
    synopsisSubcommandLabel = "COMMAND",
    description = "Highly available Citus clusters on this machine.",
    subcommands = {
      UpCommand.class,
      StatusCommand.class,
      DownCommand.class,
      DestroyCommand.class,
      LogsCommand.class,
      SqlCommand.class,
      EventsCommand.class,
      ExplainCommand.class,
      ReplayCommand.class,
      FailoverCommand.class,
      SwitchoverCommand.class,
      PauseCommand.class,
      ResumeCommand.class,
      MaintenanceCommand.class,
      DrillCommand.class,
      SimCommand.class
    },
    footer = {"", "./shardguard test builds everything and runs the whole test suite."})
final class ShardguardCommand implements Runnable {

  @Spec private CommandSpec spec;

  @Option(
      names = "--help",
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Show this help.")
  private boolean help;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Name a command.");
  }
}
