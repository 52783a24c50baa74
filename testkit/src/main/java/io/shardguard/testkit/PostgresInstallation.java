package io.shardguard.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Where PostgreSQL's programs are, and one empty cluster made by initdb per JVM, copied for each
 * server.
 */
final class PostgresInstallation {

  private static final Path HOME =
      Path.of(System.getProperty("shardguard.postgres.home", "/usr/lib/postgresql/15"));
  private static final Path EXTENSIONS =
      Path.of("/usr/share/postgresql").resolve(HOME.getFileName()).resolve("extension");

  private static Path template;

  private PostgresInstallation() {}

  static String program(String name) {
    return HOME.resolve("bin").resolve(name).toString();
  }

  static boolean hasExtension(String name) {
    return Files.exists(EXTENSIONS.resolve(name + ".control"));
  }

  /** Makes {@code data} an empty cluster with a system identifier of its own. */
  static void newCluster(Path data) {
    Command.asServerUser(Map.of(), List.of("cp", "-a", template().toString(), data.toString()));
    giveOwnIdentity(data);
  }

  private static synchronized Path template() {
    if (template == null) {
      Path directory = ScratchDirectory.create("template");
      Path passwordFile =
          ScratchDirectory.write(directory.resolve("password"), PostgresServer.PASSWORD + "\n");
      Path data = directory.resolve("data");
      Command.asServerUser(
          Map.of(),
          List.of(
              program("initdb"),
              "-D",
              data.toString(),
              "-U",
              "postgres",
              "--pwfile",
              passwordFile.toString(),
              "--auth=scram-sha-256",
              "--encoding=UTF8",
              "--locale=C.UTF-8",
              "--no-sync"));
      template = data;
    }
    return template;
  }

  /**
   * Copies of one cluster share its system identifier, and a standby would then follow a stranger
   * without complaint. The identifier is the first field of pg_control; pg_resetwal makes the
   * checksum and the WAL agree with it.
   */
  private static void giveOwnIdentity(Path data) {
    try (FileChannel control =
        FileChannel.open(data.resolve("global/pg_control"), StandardOpenOption.WRITE)) {
      ByteBuffer identifier = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder());
      identifier.putLong(ThreadLocalRandom.current().nextLong(1L << 62)).flip();
      control.write(identifier, 0);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + data + "/global/pg_control", e);
    }
    Command.asServerUser(Map.of(), List.of(program("pg_resetwal"), "--force", data.toString()));
  }
}
