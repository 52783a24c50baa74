package io.shardguard.cli.drill.fault;

import io.shardguard.cli.Failure;
import io.shardguard.cli.local.Command;
import io.shardguard.cli.local.MemberProcess;
import io.shardguard.cli.local.RunUser;
import io.shardguard.cli.local.StateDirectory;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Does things to a member's processes. Only those at home in its data directory: a stale pid file
 * may name anybody.
 */
final class ServerFaults implements MemberFaults {

  private static final Duration CALL = Duration.ofSeconds(20);

  private final StateDirectory state;

  ServerFaults(StateDirectory state) {
    this.state = state;
  }

  @Override
  public Runnable inflict(String member, ServerFault fault) {
    MemberProcess server = new MemberProcess(state, member);
    ProcessHandle postmaster =
        server
            .running()
            .orElseThrow(() ->
                Failure.failed(
                    "No process of " + member + " was found; nothing was done to it.",
                    "Run this as the user who made the cluster, or as root."));
    return switch (fault) {
      case KILL_POSTMASTER -> {
        kill(List.of(postmaster));
        yield () -> {};
      }
      case KILL_ALL -> {
        // The postmaster first, so that it makes no more children.
        kill(List.of(postmaster));
        kill(server.all());
        yield () -> {};
      }
      case STOP -> {
        Signals.send("INT", List.of(postmaster));
        yield () -> {};
      }
      case FREEZE_POSTMASTER -> {
        Signals.send("STOP", List.of(postmaster));
        yield () -> Signals.send("CONT", List.of(postmaster));
      }
      case FREEZE_ALL -> freezeAll(server, postmaster);
      case FULL_DISK -> fillDisk(server, postmaster);
    };
  }

  private static void kill(Collection<ProcessHandle> processes) {
    processes.forEach(ProcessHandle::destroyForcibly);
  }

  private static Runnable freezeAll(MemberProcess server, ProcessHandle postmaster) {
    Set<ProcessHandle> frozen = new LinkedHashSet<>(List.of(postmaster));
    Signals.send("STOP", frozen);
    for (List<ProcessHandle> news = news(server, frozen);
        !news.isEmpty();
        news = news(server, frozen)) {
      Signals.send("STOP", news);
      frozen.addAll(news);
    }
    return () -> Signals.send("CONT", frozen);
  }

  /** What the postmaster is yet to start inherits the limit; what was started anew has none. */
  private static Runnable fillDisk(MemberProcess server, ProcessHandle postmaster) {
    Set<ProcessHandle> limited = new LinkedHashSet<>();
    limit(List.of(postmaster), "0:");
    limited.add(postmaster);
    for (List<ProcessHandle> news = news(server, limited);
        !news.isEmpty();
        news = news(server, limited)) {
      limit(news, "0:");
      limited.addAll(news);
    }
    return () -> {
      limit(limited, "unlimited:");
      if (postmaster.isAlive()) {
        limit(server.all(), "unlimited:");
      }
    };
  }

  private static List<ProcessHandle> news(MemberProcess server, Set<ProcessHandle> known) {
    return server.all().stream().filter(process -> !known.contains(process)).toList();
  }

  /**
   * The soft limit alone, and as the owner of the process, who can undo it; root may lack the right
   * to.
   */
  private static void limit(Collection<ProcessHandle> processes, String size) {
    for (ProcessHandle process : processes) {
      if (process.isAlive()) {
        Command.Result result =
            Command.run(
                CALL,
                RunUser.choose()
                    .as(
                        List.of(
                            "prlimit", "--pid", Long.toString(process.pid()), "--fsize=" + size)));
        if (!result.ok() && process.isAlive()) {
          throw Failure.failed(
              "The file size limit of process "
                  + process.pid()
                  + " cannot be set: "
                  + result.output(),
              "Run this as the user who made the cluster, or as root.");
        }
      }
    }
  }
}
