package io.shardguard.provisioner.runtime;

import io.shardguard.provisioner.core.Upstream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Starts, stops, kills and watches members. Thread-safe; the calls for one member take turns. */
public interface MemberRuntime extends AutoCloseable {

  /** Told of a member's end, once for each start or adoption, when no process of it is left. */
  @FunctionalInterface
  interface ExitListener {

    /**
     * A member ended.
     *
     * @param reason what is known of the end, for people
     */
    void exited(Member member, String reason);
  }

  /** A program's end. */
  record Ended(int exitCode, String output) {}

  /** Who is told of ends; to be set before the first start. */
  void onExit(ExitListener listener);

  /**
   * Takes over a member that runs already; kills what is left of one whose postmaster is gone, and
   * of programs that somebody before ran beside it.
   *
   * @return the postmaster's process id, if it runs
   */
  OptionalLong adopt(Member member) throws IOException;

  /**
   * Starts a member, always as a standby. Does nothing if it runs.
   *
   * @param upstream whom it streams from; empty: from nobody
   * @return the postmaster's process id
   */
  long start(Member member, Optional<Upstream> upstream) throws IOException;

  /**
   * Stops a member in order, and by force if it takes longer than {@code patience}. Returns when it
   * has ended.
   *
   * @throws IOException if processes of it are left even so
   */
  void stop(Member member, Duration patience) throws IOException, InterruptedException;

  /**
   * Ends every process of a member at once. Returns when none is left, or was none.
   *
   * @throws IOException if processes of it are left after {@code patience}
   */
  void kill(Member member, Duration patience) throws IOException, InterruptedException;

  /** The postmaster's process id; empty if the member does not run. */
  OptionalLong pid(Member member);

  /**
   * Runs a program beside a member, or on its data directory, to its end.
   *
   * @param input what it reads from its standard input
   * @param limit after which it is killed
   * @throws IOException if it cannot be started or does not end in time
   */
  Ended run(Member member, List<String> command, String input, Duration limit)
      throws IOException, InterruptedException;

  /**
   * Runs a program of the members' installation, beside no member, to its end. A program that is
   * not there ends with an exit code that is not 0.
   *
   * @throws IOException if it does not end within {@code limit}
   */
  Ended run(List<String> command, Duration limit) throws IOException, InterruptedException;

  /**
   * The files of a member.
   *
   * @param name the member's
   */
  MemberFiles files(String name);

  /**
   * A file of secrets of this process, at a place where the member's own programs can read it.
   *
   * @return that place
   */
  Path secret(Member member, Path file) throws IOException;

  /**
   * How a process ended, after its name.
   *
   * @param exitCode as a shell counts: over 128 by that signal
   */
  static String ending(long exitCode) {
    return exitCode > 128
        ? " was ended by signal " + (exitCode - 128)
        : " exited with code " + exitCode;
  }

  /** What keeps this runtime from its work, for people; empty if nothing does. */
  String trouble();

  /** Lets the members be: they run on. */
  @Override
  void close();
}
