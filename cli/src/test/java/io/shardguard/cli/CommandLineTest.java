package io.shardguard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class CommandLineTest {

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "up",
        "status",
        "down",
        "destroy",
        "logs",
        "sql",
        "events",
        "replay",
        "explain",
        "failover",
        "pause",
        "resume",
        "maintenance",
        "maintenance start",
        "maintenance end",
        "drill",
        "drill worker-crash",
        "drill coordinator-crash",
        "drill standby-crash",
        "drill worker-hang",
        "drill coordinator-hang",
        "drill standby-hang",
        "drill worker-cutoff",
        "drill worker-bad-link",
        "drill by-hand",
        "drill nemesis",
        "drill replay"
      })
  void everyCommandHasHelp(String command) {
    assertThat(run((command + " --help").split(" "))).isEqualTo(ExitCodes.OK);
    assertThat(out.toString()).contains("Usage: shardguard " + command);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "nonsense",
        "drill",
        "drill nonsense",
        "status --nonsense",
        "up --port-base 80",
        "up --port-base 40000",
        "up --rows 0",
        "up --observers 0",
        "up --observers 6",
        "up --engine oracle",
        "events --since yesterday",
        "events --until tomorrow",
        "events --follow --export log.jsonl",
        "events --with-observations",
        "events --force",
        "explain --log nowhere.jsonl",
        "explain --at yesterday",
        "replay nowhere.jsonl",
        "replay --set failover.down-after=8s",
        "replay --set failover.bar-after=soon",
        "replay --set failover.failovers-at-most=0",
        "replay --set bar-after",
        "replay --transition g1-e2-1 --from 1h",
        "replay --from 10m --to 20m",
        "replay pom.xml --with-observations",
        "failover",
        "failover worker-1a",
        "switchover",
        "switchover worker-1a",
        "pause everything",
        "pause --timeout 0",
        "maintenance",
        "maintenance start",
        "maintenance stop worker-1a",
        "drill worker-crash --group 0",
        "drill standby-hang --group 0",
        "drill replay",
        "drill replay nowhere.jsonl",
        "drill replay ../docs/incidents/worker-crash.jsonl --healing 0",
        "drill replay ../docs/incidents/worker-crash.jsonl --plan --dry-run",
        "drill replay ../docs/incidents/worker-crash.jsonl --set bar-after=2s",
        "drill replay ../docs/incidents/worker-crash.jsonl --dry-run --set bar-after=soon",
        "drill nemesis --minutes 0",
        "drill nemesis --pause -1"
      })
  void aWrongCommandLineIsMisuse(String line) {
    assertThat(run(line.isEmpty() ? new String[0] : line.split(" "))).isEqualTo(ExitCodes.USAGE);
    assertThat(err.toString()).isNotBlank();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "status",
        "down",
        "destroy --yes",
        "logs",
        "sql -c select",
        "events",
        "replay",
        "explain 1",
        "failover 1",
        "switchover 1",
        "pause",
        "resume 1",
        "maintenance start worker-1a",
        "drill worker-crash"
      })
  void withoutAClusterACommandSaysWhereItLookedAndWhatToDo(String command) {
    assertThat(run((command + " --state " + directory).split(" ")))
        .isEqualTo(ExitCodes.PRECONDITION);
    assertThat(err.toString())
        .contains("There is no cluster in " + directory)
        .contains("./shardguard up");
  }

  @Test
  void destroyLeavesADirectoryAloneThatIsNotACluster() throws Exception {
    Path file = Files.writeString(directory.resolve("mine.txt"), "precious");
    assertThat(run("destroy", "--yes", "--state", directory.toString()))
        .isEqualTo(ExitCodes.PRECONDITION);
    assertThat(file).hasContent("precious");
  }

  @Test
  void anExportDoesNotOverwriteAFile() throws Exception {
    Path file = Files.writeString(directory.resolve("log.jsonl"), "precious");
    assertThat(run("events", "--export", file.toString())).isEqualTo(ExitCodes.USAGE);
    assertThat(err.toString()).contains("--force");
    assertThat(file).hasContent("precious");
  }

  private int run(String... arguments) {
    CommandLine shardguard = Main.commandLine();
    shardguard.setOut(new PrintWriter(out, true));
    shardguard.setErr(new PrintWriter(err, true));
    return shardguard.execute(arguments);
  }
}
