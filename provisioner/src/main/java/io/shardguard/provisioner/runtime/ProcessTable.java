package io.shardguard.provisioner.runtime;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The kernel's process table, as far as it tells a member's processes from others. */
final class ProcessTable {

  private static final Path PROC = Path.of("/proc");

  private ProcessTable() {}

  /**
   * The living processes whose working directory is this one. PostgreSQL's processes stay in their
   * data directory, while each makes a process group of its own. Zombies have no working directory
   * any more.
   */
  static List<Long> workingIn(Path directory) throws IOException {
    String wanted = real(directory);
    List<Long> pids = new ArrayList<>();
    try (DirectoryStream<Path> all =
        Files.newDirectoryStream(
            PROC, entry -> Character.isDigit(entry.getFileName().toString().charAt(0)))) {
      for (Path entry : all) {
        if (wanted.equals(workingDirectory(entry))) {
          pids.add(Long.parseLong(entry.getFileName().toString()));
        }
      }
    }
    return pids;
  }

  /** The process lives and works in this directory. */
  static boolean worksIn(long pid, Path directory) {
    return real(directory).equals(workingDirectory(PROC.resolve(Long.toString(pid))));
  }

  /** The process was started with this variable, and has not written over its environment. */
  static boolean wasGiven(long pid, String variable, String value) {
    try {
      Path environment = PROC.resolve(Long.toString(pid)).resolve("environ");
      String all = new String(Files.readAllBytes(environment), StandardCharsets.UTF_8);
      return List.of(all.split("\0")).contains(variable + "=" + value);
    } catch (IOException goneOrSomebodyElses) {
      return false;
    }
  }

  /** As the kernel names it: a part of the path may be a symbolic link. */
  private static String real(Path directory) {
    try {
      return directory.toRealPath().toString();
    } catch (IOException notThere) {
      return directory.toAbsolutePath().toString();
    }
  }

  /** The process is there and not a zombie. */
  static boolean lives(long pid) {
    try {
      String stat = Files.readString(PROC.resolve(Long.toString(pid)).resolve("stat"));
      char state = stat.charAt(stat.lastIndexOf(')') + 2);
      return state != 'Z' && state != 'X';
    } catch (IOException | IndexOutOfBoundsException gone) {
      return false;
    }
  }

  /** Sends SIGKILL; nothing if the process is gone. */
  static void kill(long pid) {
    ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
  }

  private static String workingDirectory(Path entry) {
    try {
      return Files.readSymbolicLink(entry.resolve("cwd")).toString();
    } catch (IOException goneOrSomebodyElses) {
      return "";
    }
  }
}
