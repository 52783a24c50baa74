package io.shardguard.cli;

import io.shardguard.cli.local.DockerStack;
import io.shardguard.cli.local.Installation;
import io.shardguard.cli.local.StateDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows log files. */
@Command(
    name = "logs",
    description = "Show the end of the log of one part, or of all parts but the members.",
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:Shown.",
      "1:The log cannot be read.",
      "2:The command line is wrong.",
      "3:There is no such log."
    })
final class LogsCommand implements Callable<Integer> {

  @Mixin private StateOption state;

  @Parameters(
      arity = "0..1",
      paramLabel = "PART",
      description =
          "kafka, haproxy, provisioner, health-monitor, failover-coordinator, lb-configurator, supervisord, or a"
              + " member's name; with several observers, health-monitor-2 and so on.")
  private String part;

  @Option(
      names = {"-f", "--follow"},
      description = "Go on with new lines as they come, until interrupted.")
  private boolean follow;

  @Option(
      names = {"-n", "--lines"},
      paramLabel = "N",
      defaultValue = "50",
      description = "How many lines. Default: ${DEFAULT-VALUE}.")
  private int lines;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Installation installation = state.installation();
    if (installation.docker()) {
      List<String> command =
          new DockerStack(installation).logs(Optional.ofNullable(part), lines, follow);
      return Foreground.run(new ProcessBuilder(command)) == 0 ? ExitCodes.OK : ExitCodes.FAILED;
    }
    List<String> command = new ArrayList<>(List.of("tail", "-n", Integer.toString(lines)));
    if (follow) {
      command.add("-F");
    }
    files(installation.state()).forEach(file -> command.add(file.toString()));
    return Foreground.run(new ProcessBuilder(command)) == 0 ? ExitCodes.OK : ExitCodes.FAILED;
  }

  private List<Path> files(StateDirectory directory) throws IOException {
    List<Path> found = new ArrayList<>();
    for (Path candidates :
        part == null ? List.of(directory.log()) : List.of(directory.log(), memberLog(directory))) {
      if (Files.isDirectory(candidates)) {
        boolean member = !candidates.equals(directory.log());
        try (Stream<Path> files = Files.list(candidates)) {
          files
              .filter(file -> member || wanted(file.getFileName().toString()))
              .sorted()
              .forEach(found::add);
        }
      }
    }
    if (found.isEmpty()) {
      throw Failure.precondition(
          "There is no log of " + (part == null ? "any part" : part) + " yet.",
          "./shardguard logs --help names the parts; ./shardguard status the members.");
    }
    return found;
  }

  private Path memberLog(StateDirectory directory) {
    return directory.members().resolve(Path.of(part).getFileName()).resolve("log");
  }

  private boolean wanted(String name) {
    return part == null ? name.endsWith(".log") : name.equals(part + ".log");
  }
}
