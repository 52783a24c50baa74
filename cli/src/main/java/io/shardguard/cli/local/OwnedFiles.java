package io.shardguard.cli.local;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Makes files and directories that belong to the cluster's user. A file is replaced as a whole or
 * not at all.
 */
public final class OwnedFiles {

  private final RunUser user;

  public OwnedFiles(RunUser user) {
    this.user = user;
  }

  /** Makes a directory if it is missing, with this mode (e.g. {@code rwx------}). */
  void directory(Path directory, String mode) throws IOException {
    if (!Files.isDirectory(directory)) {
      Files.createDirectories(directory.getParent());
      Files.createDirectory(directory);
      finish(directory, mode);
    }
  }

  /** Writes a file unless it has this content already. */
  public void write(Path file, String content, String mode) throws IOException {
    if (!Files.isRegularFile(file) || !Files.readString(file).equals(content)) {
      Path fresh = Files.createTempFile(file.getParent(), ".new-", "");
      Files.writeString(fresh, content);
      finish(fresh, mode);
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /**
   * Makes {@code target} a copy of the file or directory {@code source}; what has not changed is
   * left alone.
   */
  void copy(Path source, Path target) throws IOException {
    removeStrangers(source, target);
    Files.walkFileTree(
        source,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
              throws IOException {
            directory(at(directory), "rwxr-xr-x");
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            copyFile(file, at(file));
            return FileVisitResult.CONTINUE;
          }

          private Path at(Path path) {
            return target.resolve(source.relativize(path).toString()).normalize();
          }
        });
  }

  /** Whether {@code target} has all that {@code source} has, as new. */
  static boolean same(Path source, Path target) throws IOException {
    try (var files = Files.walk(source)) {
      for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
        if (!sameFile(file, target.resolve(source.relativize(file).toString()).normalize())) {
          return false;
        }
      }
      return true;
    }
  }

  private void copyFile(Path source, Path target) throws IOException {
    if (!sameFile(source, target)) {
      directory(target.getParent(), "rwxr-xr-x");
      Path fresh = Files.createTempFile(target.getParent(), ".new-", "");
      Files.copy(
          source, fresh, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
      finish(fresh, "rw-r--r--");
      Files.move(
          fresh, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** A class path with a wildcard would load what an earlier version left behind. */
  private static void removeStrangers(Path source, Path target) throws IOException {
    if (!Files.isDirectory(source) || !Files.isDirectory(target)) {
      return;
    }
    try (var files = Files.walk(target)) {
      for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
        if (!Files.exists(source.resolve(target.relativize(file).toString()))) {
          Files.delete(file);
        }
      }
    }
  }

  private static boolean sameFile(Path source, Path target) throws IOException {
    return Files.isRegularFile(target)
        && Files.size(source) == Files.size(target)
        && Files.getLastModifiedTime(source).toMillis()
            == Files.getLastModifiedTime(target).toMillis();
  }

  private void finish(Path path, String mode) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
    user.own(path);
  }
}
