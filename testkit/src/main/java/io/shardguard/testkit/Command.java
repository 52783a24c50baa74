package io.shardguard.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A program run to its end, with its output kept.
 *
 * @param exitCode what the program returned
 * @param output standard output and standard error together, in the order in which they were
 *     written
 */
public record Command(int exitCode, String output) {

  private static final long LIMIT_SECONDS = 120;

  /** Runs a program as the JVM's own user, with these variables added to its environment. */
  public static Command run(Map<String, String> environment, List<String> command) {
    try {
      Path output = Files.createTempFile("shardguard-command", ".log");
      try {
        return run(environment, command, output);
      } finally {
        Files.deleteIfExists(output);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot run " + command.get(0), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while " + command.get(0) + " ran", e);
    }
  }

  /**
   * What a program writes that must return 0.
   *
   * @throws IllegalStateException with its output if it returns something else
   */
  public static String outputOf(List<String> command) {
    return mustReturnZero(command, run(Map.of(), command)).output();
  }

  private static Command mustReturnZero(List<String> command, Command result) {
    if (result.exitCode() != 0) {
      throw new IllegalStateException(
          String.join(" ", command) + " returned " + result.exitCode() + ":\n" + result.output());
    }
    return result;
  }

  private static Command run(Map<String, String> environment, List<String> command, Path output)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
    builder.environment().putAll(environment);
    Process process = builder.start();
    if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IllegalStateException(command + " did not end within " + LIMIT_SECONDS + " s");
    }
    return new Command(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
  }

  /** Runs a program as the user who owns the servers, and fails unless it returns 0. */
  static Command asServerUser(Map<String, String> environment, List<String> command) {
    return mustReturnZero(command, run(environment, wrappedForServerUser(command)));
  }

  /**
   * PostgreSQL refuses to run as root: root starts it as the unprivileged user {@code postgres}.
   */
  static List<String> wrappedForServerUser(List<String> command) {
    if (!"root".equals(System.getProperty("user.name"))) {
      return command;
    }
    List<String> wrapped =
        new ArrayList<>(
            List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"));
    wrapped.addAll(command);
    return wrapped;
  }

  static Map<String, String> environment(String... namesAndValues) {
    Map<String, String> environment = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      environment.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    return environment;
  }
}
