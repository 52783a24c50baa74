package io.shardguard.systemtests;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;

/** A member of the test's cluster, reached as somebody with a superuser's rights reaches it. */
final class ServerMember {

  private static final int BOUND_SECONDS = 60;

  private final Stack stack;
  private final String name;

  ServerMember(Stack stack, String name) {
    this.stack = stack;
    this.name = name;
  }

  /** Where its data is. */
  Path data() {
    return directory().resolve("data");
  }

  private Path directory() {
    return stack.state().resolve("members").resolve(name);
  }

  /** Ends all its processes at once, as the end of its machine would. */
  void kill() throws Exception {
    long pid =
        Long.parseLong(Files.readAllLines(data().resolve("postmaster.pid")).getFirst().strip());
    // The postmaster first, so that it makes no more children.
    ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    Awaitility.await()
        .atMost(Duration.ofSeconds(BOUND_SECONDS))
        .until(() -> {
          List<ProcessHandle> left = ProcessHandle.allProcesses().filter(this::isAtHome).toList();
          left.forEach(ProcessHandle::destroyForcibly);
          return left.isEmpty();
        });
  }

  private boolean isAtHome(ProcessHandle process) {
    try {
      return Files.readSymbolicLink(Path.of("/proc", Long.toString(process.pid()), "cwd"))
          .startsWith(data());
    } catch (IOException e) {
      return false; // it ended, if its parent has seen that or not, or is somebody else's
    }
  }

  /**
   * What a statement answers, or its error.
   *
   * @throws IllegalStateException if it fails
   */
  String sql(String statement) throws Exception {
    List<String> command = new ArrayList<>();
    if (System.getProperty("user.name").equals("root")) {
      command.addAll(List.of("runuser", "-u", "postgres", "--"));
    }
    command.addAll(
        List.of(
            "/usr/lib/postgresql/15/bin/psql",
            "-XAtq",
            "-v",
            "ON_ERROR_STOP=1",
            "-h",
            directory().resolve("run").toString(),
            "-p",
            Integer.toString(stack.portBase() + 10),
            "-U",
            "postgres",
            "-d",
            "citus",
            "-c",
            statement));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("PGOPTIONS", "-c statement_timeout=" + BOUND_SECONDS + "s");
    Process process = builder.start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    if (process.waitFor() != 0) {
      throw new IllegalStateException(name + ": " + statement + ": " + output);
    }
    return output;
  }
}
