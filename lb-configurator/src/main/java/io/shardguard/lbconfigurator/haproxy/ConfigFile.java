package io.shardguard.lbconfigurator.haproxy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * {@code haproxy.cfg}: whole and valid at every moment, also across a power loss. Next to it lies
 * the last text that HAProxy was seen to run.
 */
final class ConfigFile {

  private final Path file;
  private final Path next;
  private final Path good;
  private final String program;
  private final Duration deadline;

  ConfigFile(Path directory, String program, Duration deadline) {
    this.file = directory.resolve("haproxy.cfg");
    this.next = directory.resolve("haproxy.cfg.next");
    this.good = directory.resolve("haproxy.cfg.good");
    this.program = program;
    this.deadline = deadline;
  }

  /** The file holds this text. */
  boolean holds(String text) throws IOException {
    return Files.exists(file) && Files.readString(file).equals(text);
  }

  /**
   * Puts a text into the file, if HAProxy finds it valid.
   *
   * @throws RejectedException if not; the file is untouched
   */
  void install(String text) throws IOException, RejectedException, InterruptedException {
    Files.createDirectories(file.getParent());
    writeThrough(next, text);
    validate();
    moveOver(next, file);
  }

  /** The file's text was seen to run: it is what {@link #restore} brings back. */
  void keepAsGood(String text) throws IOException {
    if (Files.exists(good) && Files.readString(good).equals(text)) {
      return;
    }
    writeThrough(next, text);
    moveOver(next, good);
  }

  /** Puts the last good text back; false if there is none. */
  boolean restore() throws IOException {
    if (!Files.exists(good)) {
      return false;
    }
    writeThrough(next, Files.readString(good));
    moveOver(next, file);
    return true;
  }

  private void validate() throws IOException, RejectedException, InterruptedException {
    Path words = Files.createTempFile(file.getParent(), "check", ".log");
    try {
      Process check =
          new ProcessBuilder(List.of(program, "-c", "-f", next.toString()))
              .redirectErrorStream(true)
              .redirectOutput(words.toFile())
              .start();
      if (!check.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
        check.destroyForcibly();
        throw new IOException(program + " -c did not end within " + deadline);
      }
      if (check.exitValue() != 0) {
        throw new RejectedException("invalid: " + Files.readString(words).strip());
      }
    } finally {
      Files.deleteIfExists(words);
    }
  }

  private static void writeThrough(Path path, String text) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            path,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
  }

  private static void moveOver(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    try (FileChannel directory = FileChannel.open(to.getParent(), StandardOpenOption.READ)) {
      directory.force(true);
    }
  }
}
