package io.shardguard.cli.drill.fault;

import io.shardguard.cli.Failure;
import io.shardguard.cli.local.Command;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Sends signals that {@link ProcessHandle} has no words for. */
final class Signals {

  private static final Duration CALL = Duration.ofSeconds(20);

  private Signals() {}

  /** Those that have ended meanwhile are passed over. */
  static void send(String signal, Collection<ProcessHandle> processes) {
    List<ProcessHandle> alive = processes.stream().filter(ProcessHandle::isAlive).toList();
    if (alive.isEmpty()) {
      return;
    }
    List<String> command = new ArrayList<>(List.of("/bin/kill", "-" + signal));
    alive.forEach(process -> command.add(Long.toString(process.pid())));
    Command.Result result = Command.run(CALL, command);
    if (!result.ok() && result.output().contains("not permitted")) {
      throw Failure.failed(
          "SIG" + signal + " could not be sent: " + result.output(),
          "Run this as the user who made the cluster, or as root.");
    }
  }
}
