package io.shardguard.cli;

import io.shardguard.cli.local.Installation;
import io.shardguard.cli.local.Sql;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** psql on the cluster. */
@Command(
    name = "sql",
    description =
        "Run psql on the cluster: through HAProxy's write port, as role app, in database citus.",
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {"0-3:psql's own.", "3:There is no running cluster."})
final class SqlCommand implements Callable<Integer> {

  @Mixin private StateOption state;

  @Parameters(paramLabel = "ARGUMENT", description = "psql's own arguments, e.g. -c 'SELECT 1'.")
  private List<String> arguments = new ArrayList<>();

  @Override
  public Integer call() throws IOException, InterruptedException {
    Installation installation = state.running();
    List<String> command = Sql.psql(installation);
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
    builder.environment().put("PGPASSFILE", installation.state().pgpass().toString());
    return Foreground.run(builder);
  }
}
