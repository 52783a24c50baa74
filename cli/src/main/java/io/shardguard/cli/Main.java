package io.shardguard.cli;

import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;

/** The command line's entry. */
public final class Main {

  private Main() {}

  /** Runs one command; the process' exit code is the command's, see {@link ExitCodes}. */
  public static void main(String[] arguments) {
    // Kafka's client logs over slf4j; here is no place for it, and no need to say so.
    System.setProperty("slf4j.internal.verbosity", "ERROR");
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    IExecutionExceptionHandler failures =
        (exception, command, parsed) -> {
          if (exception instanceof Failure failure) {
            command.getErr().println(command.getColorScheme().errorText(failure.getMessage()));
            return failure.exitCode();
          }
          throw exception;
        };
    CommandLine shardguard = new CommandLine(new ShardguardCommand());
    // What psql understands is psql's business.
    shardguard.getSubcommands().get("sql").setUnmatchedOptionsArePositionalParams(true);
    return shardguard
        .setExecutionExceptionHandler(failures)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpWidth(110);
  }
}
