package io.shardguard.cli;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * What a person reads: lines of progress with the seconds since the command's start. Thread-safe.
 */
public final class Terminal {

  private final PrintStream out;
  private final long start = System.nanoTime();

  public Terminal(PrintStream out) {
    this.out = out;
  }

  /** The process' standard output, in UTF-8. */
  public static Terminal standard() {
    return new Terminal(
        new PrintStream(
            new java.io.FileOutputStream(java.io.FileDescriptor.out),
            true,
            StandardCharsets.UTF_8));
  }

  /** A step that was done, with the time. */
  public synchronized void step(String line) {
    out.printf(Locale.ROOT, "[%6.1f s] %s%n", seconds(), line);
    out.flush();
  }

  /** A line as it is. */
  public synchronized void line(String line) {
    out.println(line);
    out.flush();
  }

  /** Since the command's start. */
  public double seconds() {
    return (System.nanoTime() - start) / 1e9;
  }
}
