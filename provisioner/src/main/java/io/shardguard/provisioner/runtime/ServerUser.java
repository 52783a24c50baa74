package io.shardguard.provisioner.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The user who runs PostgreSQL: this process's own, or {@code postgres} if this process is root, as
 * which PostgreSQL refuses to run.
 */
public final class ServerUser {

  private static final String UNPRIVILEGED = "postgres";

  private final boolean root = "root".equals(System.getProperty("user.name"));

  /** The user's name. */
  public String name() {
    return root ? UNPRIVILEGED : System.getProperty("user.name");
  }

  /** The command that runs {@code command} as this user. */
  List<String> wrap(List<String> command) {
    if (!root) {
      return command;
    }
    List<String> wrapped =
        new ArrayList<>(
            List.of(
                "setpriv",
                "--reuid=" + UNPRIVILEGED,
                "--regid=" + UNPRIVILEGED,
                "--clear-groups",
                "--"));
    wrapped.addAll(command);
    return wrapped;
  }

  /** Makes a directory that only this user may enter. */
  public void directory(Path directory) throws IOException {
    Files.createDirectories(directory);
    Files.setPosixFilePermissions(
        directory,
        Set.of(
            PosixFilePermission.OWNER_READ,
            PosixFilePermission.OWNER_WRITE,
            PosixFilePermission.OWNER_EXECUTE));
    own(directory);
  }

  /** Writes a file that only this user may read, whole or not at all. */
  public void write(Path file, String text) throws IOException {
    Path draft = file.resolveSibling(file.getFileName() + ".draft");
    Files.writeString(draft, text);
    Files.setPosixFilePermissions(
        draft, Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE));
    own(draft);
    Files.move(draft, file, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
  }

  /** Removes a file, or a directory with all that is in it; nothing if there is none. */
  public static void remove(Path path) throws IOException {
    if (!Files.exists(path, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (Stream<Path> below = Files.walk(path)) {
      for (Path each : below.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(each);
      }
    }
  }

  private void own(Path path) throws IOException {
    if (root) {
      UserPrincipal user =
          path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(UNPRIVILEGED);
      Files.getFileAttributeView(path, PosixFileAttributeView.class).setOwner(user);
    }
  }
}
