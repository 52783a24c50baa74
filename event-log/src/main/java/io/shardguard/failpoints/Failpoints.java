package io.shardguard.failpoints;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Named places in the code where a test may have this process die or stand still, to see what
 * becomes of work that is half done. A file with the place's name in the directory arms it, once:
 * whoever passes there removes the file, and then ends at once as after {@code kill -9} or, if the
 * file says {@code stop}, is stopped until somebody sends it a SIGCONT. Thread-safe.
 */
public final class Failpoints {

  /** None. */
  public static final Failpoints OFF = new Failpoints(Optional.empty());

  private static final System.Logger LOG = System.getLogger(Failpoints.class.getName());
  private static final int KILLED = 137;

  private final Optional<Path> directory;

  private Failpoints(Optional<Path> directory) {
    this.directory = directory;
  }

  /**
   * The places that files in a directory arm.
   *
   * @param directory empty: none ever is
   */
  public static Failpoints in(Optional<Path> directory) {
    return directory.isEmpty() ? OFF : new Failpoints(directory);
  }

  /**
   * A place.
   *
   * @param name the file's name that arms it
   * @throws IllegalStateException if it is armed and this process cannot be stopped
   */
  public void pass(String name) {
    directory.flatMap(dir -> disarmed(dir.resolve(name))).ifPresent(order -> obey(name, order));
  }

  private static Optional<String> disarmed(Path file) {
    try {
      String order = Files.readString(file).strip();
      Files.delete(file); // Of several threads only one gets past this.
      return Optional.of(order);
    } catch (NoSuchFileException notArmed) {
      return Optional.empty();
    } catch (IOException e) {
      throw new IllegalStateException("the failpoint " + file + " cannot be read", e);
    }
  }

  private static void obey(String name, String order) {
    if (order.equals("stop")) {
      LOG.log(Level.WARNING, "stands still at the failpoint {0}", name);
      stopThisProcess();
    } else {
      LOG.log(Level.WARNING, "ends at the failpoint {0}", name);
      Runtime.getRuntime().halt(KILLED);
    }
  }

  private static void stopThisProcess() {
    try {
      new ProcessBuilder("kill", "-STOP", Long.toString(ProcessHandle.current().pid()))
          .start()
          .waitFor();
    } catch (IOException e) {
      throw new IllegalStateException("this process cannot be stopped", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
