package io.shardguard.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;

/**
 * Temporary directories that belong to the servers' user; the JVM removes what is left of them when
 * it ends.
 */
final class ScratchDirectory {

  private ScratchDirectory() {}

  /** The path stays short: a Unix socket's path may have 107 bytes. */
  static Path create(String name) {
    try {
      Path directory = Files.createTempDirectory("sg-" + name + "-");
      giveToServerUser(directory);
      Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(directory)));
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make a temporary directory", e);
    }
  }

  static Path write(Path file, String content) {
    try {
      Files.writeString(file, content);
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
      giveToServerUser(file);
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  static void delete(Path directory) {
    Command.run(Map.of(), List.of("rm", "-rf", directory.toString()));
  }

  private static void giveToServerUser(Path path) throws IOException {
    if ("root".equals(System.getProperty("user.name"))) {
      Files.getFileAttributeView(path, PosixFileAttributeView.class)
          .setOwner(
              FileSystems.getDefault()
                  .getUserPrincipalLookupService()
                  .lookupPrincipalByName("postgres"));
    }
  }
}
