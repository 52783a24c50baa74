package io.shardguard.systemtests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Has processes stand still, and go on. */
final class Signals {

  private Signals() {}

  static void stop(ProcessHandle process) throws Exception {
    send("STOP", process);
  }

  static void go(ProcessHandle process) throws Exception {
    send("CONT", process);
  }

  /** Of a postmaster: an immediate shutdown, which checks and writes nothing. */
  static void endAtOnce(ProcessHandle postmaster) throws Exception {
    send("QUIT", postmaster);
  }

  static boolean standsStill(ProcessHandle process) {
    try {
      String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
      return stat.substring(stat.lastIndexOf(')') + 2).startsWith("T");
    } catch (IOException gone) {
      return false;
    }
  }

  private static void send(String name, ProcessHandle process) throws Exception {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }
}
