package io.shardguard.cli.local;

import io.shardguard.cli.Failure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs another program to its end, within a bound. */
public final class Command {

  private Command() {}

  /**
   * How a program ended.
   *
   * @param exitCode its exit code
   * @param output what it wrote, to standard output and to standard error
   */
  public record Result(int exitCode, String output) {

    public boolean ok() {
      return exitCode == 0;
    }
  }

  /** Runs a program; its environment is this one's. */
  public static Result run(Duration bound, List<String> command) {
    return run(bound, command, Map.of());
  }

  /**
   * Runs a program with more variables in its environment. Its output goes over a file: a daemon
   * that it leaves behind may hold its output open for ever.
   *
   * @throws Failure if it cannot be started or is not done in time; it is ended then
   */
  public static Result run(Duration bound, List<String> command, Map<String, String> variables) {
    Path output = null;
    try {
      output = Files.createTempFile("shardguard-", ".out");
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
              .redirectErrorStream(true)
              .redirectOutput(output.toFile());
      builder.environment().putAll(variables);
      return finish(builder.start(), bound, command, output);
    } catch (IOException e) {
      throw Failure.failed(
          command.getFirst() + " cannot be started (" + e.getMessage() + ").",
          "Install it, or correct the PATH.",
          e);
    } finally {
      delete(output);
    }
  }

  private static Result finish(Process process, Duration bound, List<String> command, Path output)
      throws IOException {
    try {
      if (!process.waitFor(bound.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        throw Failure.failed(
            String.join(" ", command) + " was not done after " + bound.toSeconds() + " s.",
            "Look at ./shardguard logs, then try again.");
      }
      return new Result(
          process.exitValue(), Files.readString(output, StandardCharsets.UTF_8).strip());
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw Failure.failed("Interrupted.", "Call the command again: it goes on where it stopped.");
    }
  }

  private static void delete(Path file) {
    try {
      if (file != null) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      file.toFile().deleteOnExit();
    }
  }
}
