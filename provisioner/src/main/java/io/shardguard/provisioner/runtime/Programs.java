package io.shardguard.provisioner.runtime;

import io.shardguard.provisioner.runtime.MemberRuntime.Ended;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Runs programs as the server's user, in a small environment of their own. */
public final class Programs {

  private static final String PASSWORD_FILE = "PGPASSFILE";
  private static final Path NOTHING = Path.of("/dev/null");

  private final ServerUser user;
  private final Path passwordFile;

  /**
   * A starter of programs.
   *
   * @param passwordFile libpq's password file
   */
  public Programs(ServerUser user, Path passwordFile) {
    this.user = user;
    this.passwordFile = passwordFile;
  }

  /** Starts a program that runs on by itself; what it says is appended to {@code log}. */
  Process start(Path directory, List<String> command, Path log) throws IOException {
    return builder(directory, command)
        .redirectInput(NOTHING.toFile())
        .redirectOutput(Redirect.appendTo(log.toFile()))
        .start();
  }

  /**
   * Runs a program to its end.
   *
   * @throws IOException if it cannot be started, or is not at its end within {@code limit}: it is
   *     killed then
   */
  public Ended run(Path directory, List<String> command, String input, Duration limit)
      throws IOException, InterruptedException {
    Process process = builder(directory, command).start();
    try {
      CompletableFuture<String> output = new CompletableFuture<>();
      Thread.ofVirtual().start(() -> read(process, output));
      try (OutputStream in = process.getOutputStream()) {
        in.write(input.getBytes(StandardCharsets.UTF_8));
      } catch (IOException endedWithoutReading) {
        // Its exit code and output say why.
      }
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IOException(command.getFirst() + " did not end within " + limit);
      }
      return new Ended(process.exitValue(), output.join());
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  /** The process is a program that was run here, or by somebody who ended since. */
  boolean ran(long pid) {
    return ProcessTable.wasGiven(pid, PASSWORD_FILE, passwordFile.toString());
  }

  /** Sends a signal by its name. */
  void signal(String name, long pid) throws IOException, InterruptedException {
    run(Path.of("/"), List.of("kill", "-" + name, Long.toString(pid)), "", Duration.ofSeconds(5));
  }

  private static void read(Process process, CompletableFuture<String> output) {
    try {
      output.complete(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      output.complete("");
    }
  }

  private ProcessBuilder builder(Path directory, List<String> command) {
    ProcessBuilder builder =
        new ProcessBuilder(user.wrap(command))
            .directory(directory.toFile())
            .redirectErrorStream(true);
    String path = System.getenv().getOrDefault("PATH", "/usr/bin:/bin");
    builder.environment().clear();
    builder
        .environment()
        .putAll(Map.of("PATH", path, "LC_ALL", "C.UTF-8", PASSWORD_FILE, passwordFile.toString()));
    return builder;
  }
}
