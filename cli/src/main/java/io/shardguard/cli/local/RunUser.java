package io.shardguard.cli.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.util.ArrayList;
import java.util.List;

/**
 * The unprivileged user that everything of a cluster runs as: PostgreSQL refuses to run as root.
 *
 * @param name the operating system's name
 * @param other it is not the caller: the caller is root and changes to it
 */
public record RunUser(String name, boolean other) {

  private static final int PREFERENCE = 5;

  /** Whom root runs a cluster as; Debian's postgresql-common makes this user. */
  public static final String FOR_ROOT = "postgres";

  /** {@code postgres} if the caller is root, else the caller. */
  public static RunUser choose() {
    return callerIsRoot()
        ? new RunUser(FOR_ROOT, true)
        : new RunUser(System.getProperty("user.name"), false);
  }

  /** Whether this process may do everything. */
  public static boolean callerIsRoot() {
    try {
      return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
    } catch (IOException e) {
      throw new UncheckedIOException("/proc cannot be read", e);
    }
  }

  /** Whether the operating system knows the user. */
  public boolean exists() {
    try {
      lookup().lookupPrincipalByName(name);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** The command, to be run as this user. */
  public List<String> as(List<String> command) {
    if (!other) {
      return command;
    }
    List<String> whole =
        new ArrayList<>(
            List.of("setpriv", "--reuid=" + name, "--regid=" + name, "--init-groups", "--"));
    whole.addAll(command);
    return whole;
  }

  /**
   * The command, to be run as this user, and before others where the caller may arrange that
   * (root).
   */
  public List<String> preferred(List<String> command) {
    if (!other) {
      return command;
    }
    List<String> whole = new ArrayList<>(List.of("nice", "-n", Integer.toString(-PREFERENCE)));
    whole.addAll(as(command));
    return whole;
  }

  /**
   * By how many steps of niceness {@link #preferred} commands come before the members, which are
   * not to be preferred to the rest of the machine: when a primary dies under load, it is the load
   * that the failover has to get past.
   */
  public int preference() {
    return other ? PREFERENCE : 0;
  }

  /** Makes the user the owner of a file or directory that the caller made. */
  public void own(Path path) throws IOException {
    if (other) {
      PosixFileAttributeView view =
          Files.getFileAttributeView(path, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
      view.setOwner(lookup().lookupPrincipalByName(name));
      view.setGroup(lookup().lookupPrincipalByGroupName(name));
    }
  }

  private static UserPrincipalLookupService lookup() {
    return FileSystems.getDefault().getUserPrincipalLookupService();
  }
}
