package io.shardguard.cli.local;

import io.shardguard.cli.Failure;
import io.shardguard.cli.Terminal;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/** Runs sql/init.sql through the write port, as an application would. */
public final class DataLoad {

  private final Installation installation;
  private final Terminal terminal;

  public DataLoad(Installation installation, Terminal terminal) {
    this.installation = installation;
    this.terminal = terminal;
  }

  /** Whether it has run to its end in this cluster before. */
  public boolean done() {
    return Files.exists(installation.state().dataLoaded());
  }

  /**
   * Loads the example table; psql's lines are told as they come.
   *
   * @param rows null: the script's default
   * @param regions null: the script's default
   * @throws Failure if psql fails; what was loaded stays, and the next call goes on
   */
  public void run(Integer rows, Integer regions) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command(rows, regions)).redirectErrorStream(true);
    builder.environment().put("PGPASSFILE", installation.state().pgpass().toString());
    builder.redirectInput(Artefacts.initScript(installation.state()).toFile());
    Process psql = builder.start();
    List<String> lines = new ArrayList<>();
    try (BufferedReader output = psql.inputReader()) {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        lines.add(line);
        tell(line);
      }
    }
    if (psql.waitFor() != 0) {
      throw Failure.failed(
          "The example data could not be loaded: "
              + (lines.isEmpty() ? "psql said nothing" : lines.getLast()),
          "Call ./shardguard up again: it goes on where this stopped. With --no-data it leaves them out.");
    }
    new OwnedFiles(RunUser.choose())
        .write(installation.state().dataLoaded(), "sql/init.sql\n", "rw-r--r--");
  }

  private void tell(String line) {
    String notice = line.replaceFirst("^psql:[^ ]*: (NOTICE: +)?", "");
    if (notice.equals(line)) {
      terminal.line(line);
    } else {
      terminal.step(notice);
    }
  }

  private List<String> command(Integer rows, Integer regions) {
    List<String> command = Sql.psql(installation);
    command.addAll(List.of("-X", "-q"));
    if (rows != null) {
      command.addAll(List.of("-v", "rows=" + rows));
    }
    if (regions != null) {
      command.addAll(List.of("-v", "regions=" + regions));
    }
    // Read from the standard input: a psql that is lent sees no file of this machine.
    command.addAll(List.of("-f", "-"));
    return command;
  }
}
