package io.shardguard.cli.local;

import io.shardguard.cli.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Kafka, HAProxy and services of a cluster that outlived their supervisord: it was killed. */
final class Orphans {

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final StateDirectory state;

  Orphans(StateDirectory state) {
    this.state = state;
  }

  List<ProcessHandle> find() {
    return ProcessHandle.allProcesses().filter(this::ours).toList();
  }

  /** Asks them to end, and ends those that do not. */
  void end() {
    List<ProcessHandle> orphans = find();
    orphans.forEach(ProcessHandle::destroy);
    if (!gone(orphans)) {
      orphans.forEach(ProcessHandle::destroyForcibly);
      if (!gone(orphans)) {
        throw Failure.failed(
            "Processes do not end: "
                + orphans.stream().filter(ProcessHandle::isAlive).map(ProcessHandle::pid).toList()
                + ".",
            "End them by hand, then call ./shardguard down again.");
      }
    }
  }

  private static boolean gone(List<ProcessHandle> processes) {
    try {
      CompletableFuture.allOf(
              processes.stream().map(ProcessHandle::onExit).toArray(CompletableFuture<?>[]::new))
          .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Failure.failed(
          "Interrupted while processes were ending.", "Call ./shardguard down again.");
    }
  }

  /** At home in the state directory, and started with what lies in it. */
  private boolean ours(ProcessHandle process) {
    try {
      Path of = Path.of("/proc", Long.toString(process.pid()));
      if (!Files.readSymbolicLink(of.resolve("cwd")).equals(state.root().toRealPath())) {
        return false;
      }
      String commandLine =
          Files.readString(of.resolve("cmdline"), java.nio.charset.StandardCharsets.ISO_8859_1);
      return commandLine.contains(state.app() + "/")
          || commandLine.contains(state.haproxyConfig().toString());
    } catch (IOException e) {
      return false;
    }
  }
}
