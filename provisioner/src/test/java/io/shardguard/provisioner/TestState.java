package io.shardguard.provisioner;

import io.shardguard.testkit.Command;
import io.shardguard.testkit.FreePorts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;

/**
 * A state directory as an installation makes it, for one test; it belongs to the user who runs the
 * servers.
 */
public final class TestState implements AutoCloseable {

  /** The roles with a password. */
  public static final List<String> ROLES =
      List.of(
          "postgres", "shardguard_failover", "shardguard_monitor", "shardguard_replication", "app");

  private final Path directory;
  private final int portBase = FreePorts.on("127.0.10.1") - 10;

  /** Makes the directory with passwords and a declaration. */
  public TestState(String clusterYaml) {
    try {
      directory = Files.createTempDirectory("sg-state-");
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
      Files.createDirectories(secrets());
      StringBuilder passwords = new StringBuilder();
      for (String role : ROLES) {
        Files.writeString(secrets().resolve(role + ".password"), password(role) + "\n");
        passwords.append("*:*:*:").append(role).append(':').append(password(role)).append('\n');
      }
      Files.writeString(secrets().resolve("pgpass"), passwords);
      Files.writeString(clusterFile(), clusterYaml);
      run("chmod", "-R", "go=", directory.toString());
      if ("root".equals(System.getProperty("user.name"))) {
        run("chown", "-R", "postgres:", directory.toString());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The state directory. */
  public Path directory() {
    return directory;
  }

  /** The passwords' directory. */
  public Path secrets() {
    return directory.resolve("secrets");
  }

  /** cluster.yaml. */
  public Path clusterFile() {
    return directory.resolve("cluster.yaml");
  }

  /** A port base whose member port was free. */
  public int portBase() {
    return portBase;
  }

  /** A member's directory. */
  public Path member(String name) {
    return directory.resolve("members").resolve(name);
  }

  /** A role's password. */
  public static String password(String role) {
    return "password-of-" + role;
  }

  /** The process id in a member's lock file. */
  public long postmaster(String member) {
    try {
      return Long.parseLong(
          Files.readAllLines(member(member).resolve("data/postmaster.pid")).getFirst().strip());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Kills a member's postmaster and nothing else. */
  public void kill(String member) {
    ProcessHandle.of(postmaster(member)).orElseThrow().destroyForcibly();
  }

  /** Kills what works in this state's members, and removes all. */
  @Override
  public void close() {
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : processes) {
        if (worksHere(process)) {
          ProcessHandle.of(Long.parseLong(process.getFileName().toString()))
              .ifPresent(ProcessHandle::destroyForcibly);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    run("rm", "-rf", directory.toString());
  }

  private boolean worksHere(Path process) {
    try {
      return Files.readSymbolicLink(process.resolve("cwd")).startsWith(directory);
    } catch (IOException goneOrSomebodyElses) {
      return false;
    }
  }

  private static void run(String... command) {
    Command.run(Map.of(), List.of(command));
  }
}
