package io.shardguard.testkit;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The postmaster and all its children, as one thing to signal. */
final class ServerProcesses {

  private static final Duration BOUND = Duration.ofSeconds(60);

  private final Process postmaster;

  ServerProcesses(Process postmaster) {
    this.postmaster = postmaster;
  }

  boolean alive() {
    return postmaster.isAlive();
  }

  long postmasterPid() {
    return postmaster.pid();
  }

  Set<Long> pids() {
    Set<Long> pids = new LinkedHashSet<>();
    if (postmaster.isAlive()) {
      pids.add(postmaster.pid());
    }
    postmaster
        .descendants()
        .filter(ProcessHandle::isAlive)
        .map(ProcessHandle::pid)
        .forEach(pids::add);
    return pids;
  }

  /** Sends a signal to the postmaster alone. */
  void tellPostmaster(String signal) {
    tell(signal, postmaster.pid());
  }

  /** Sends a signal to one process. */
  void tell(String signal, long pid) {
    signal(signal, Set.of(pid));
  }

  /** Stops the postmaster first, so that it makes no more children, then the children. */
  void freeze() {
    tellPostmaster("STOP");
    signal("STOP", pids());
  }

  void thaw() {
    signal("CONT", pids());
  }

  /** Kills everything; the postmaster is stopped first, so that no child is born unseen. */
  void kill() {
    if (!postmaster.isAlive()) {
      return;
    }
    tellPostmaster("STOP");
    List<ProcessHandle> children = postmaster.descendants().toList();
    signal("KILL", pids());
    await()
        .atMost(BOUND)
        .pollInterval(Duration.ofMillis(10))
        .until(
            () -> !postmaster.isAlive() && children.stream().noneMatch(ServerProcesses::isRunning));
  }

  void awaitEnd() {
    await().atMost(BOUND).pollInterval(Duration.ofMillis(10)).until(() -> !postmaster.isAlive());
  }

  /**
   * A killed orphan may stay in the process table until somebody reaps it; it holds nothing any
   * more.
   */
  private static boolean isRunning(ProcessHandle process) {
    return process.isAlive() && process.info().command().isPresent();
  }

  private static void signal(String signal, Set<Long> pids) {
    if (pids.isEmpty()) {
      return;
    }
    List<String> command = new ArrayList<>(List.of("kill", "-" + signal));
    pids.forEach(pid -> command.add(Long.toString(pid)));
    Command.run(Map.of(), command);
  }
}
