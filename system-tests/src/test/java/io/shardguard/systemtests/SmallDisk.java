package io.shardguard.systemtests;

import io.shardguard.testkit.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A file system of a size of its own, in a file: when it is full, it is really full. Root only. */
final class SmallDisk implements AutoCloseable {

  /** The user of the members' image. */
  private static final String OWNER = "999:999";

  private final Path directory;
  private final String device;

  private SmallDisk(Path directory, String device) {
    this.directory = directory;
    this.device = device;
  }

  /** Whether one can be made here. */
  static boolean possible() {
    return "root".equals(System.getProperty("user.name"))
        && Command.run(Map.of(), List.of("sh", "-c", "losetup -f && command -v mkfs.ext4"))
                .exitCode()
            == 0;
  }

  static SmallDisk make(String size) throws IOException {
    Path directory = Files.createTempDirectory("shardguard-disk");
    Path file = directory.resolve("disk");
    run("truncate", "-s", size, file.toString());
    run("mkfs.ext4", "-q", "-F", "-m", "0", "-E", "root_owner=" + OWNER, file.toString());
    return new SmallDisk(directory, run("losetup", "-f", "--show", file.toString()).strip());
  }

  String device() {
    return device;
  }

  /** To be called when nobody uses it any more. */
  @Override
  public void close() throws IOException {
    run("losetup", "-d", device);
    Files.delete(directory.resolve("disk"));
    Files.delete(directory);
  }

  private static String run(String... command) {
    return Command.outputOf(List.of(command));
  }
}
