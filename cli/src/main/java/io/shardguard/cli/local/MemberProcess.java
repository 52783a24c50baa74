package io.shardguard.cli.local;

import io.shardguard.cli.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A member's server process, as its data directory and the operating system know it. */
public final class MemberProcess {

  private static final Duration STOP = Duration.ofSeconds(90);

  private final Path data;

  public MemberProcess(StateDirectory state, String member) {
    this.data = state.data(member);
  }

  /** The running postmaster: named by the pid file, and at home in this very data directory. */
  public Optional<ProcessHandle> running() {
    try {
      long pid =
          Long.parseLong(Files.readAllLines(data.resolve("postmaster.pid")).getFirst().strip());
      Path workingDirectory = Files.readSymbolicLink(Path.of("/proc", Long.toString(pid), "cwd"));
      return workingDirectory.equals(data.toRealPath()) ? ProcessHandle.of(pid) : Optional.empty();
    } catch (IOException | RuntimeException e) {
      return Optional.empty();
    }
  }

  /** Every process at home in the data directory, the postmaster among them. */
  public List<ProcessHandle> all() {
    return ProcessHandle.allProcesses().filter(this::atHome).toList();
  }

  private boolean atHome(ProcessHandle process) {
    try {
      return Files.readSymbolicLink(Path.of("/proc", Long.toString(process.pid()), "cwd"))
          .equals(data.toRealPath());
    } catch (IOException goneOrSomebodyElses) {
      return false;
    }
  }

  /** PostgreSQL's major version that the data directory was made by; empty if there is none yet. */
  public Optional<String> dataVersion() {
    try {
      return Optional.of(Files.readString(data.resolve("PG_VERSION")).strip());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Stops the server if it runs: sessions are ended, everything is written out. */
  public void stop(RunUser user, String postgresBin) {
    if (running().isPresent()) {
      Command.Result result =
          Command.run(
              STOP,
              user.as(
                  List.of(
                      postgresBin + "/pg_ctl",
                      "stop",
                      "-D",
                      data.toString(),
                      "-m",
                      "fast",
                      "-w",
                      "-t",
                      "60")));
      if (!result.ok() && running().isPresent()) {
        throw Failure.failed(
            "The server in " + data + " does not stop:\n" + result.output(),
            "Look into its log, then call ./shardguard down again.");
      }
    }
  }
}
