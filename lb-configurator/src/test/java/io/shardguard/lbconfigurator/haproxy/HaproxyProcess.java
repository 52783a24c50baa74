package io.shardguard.lbconfigurator.haproxy;

import static org.awaitility.Awaitility.await;

import io.shardguard.lbconfigurator.core.Frontends;
import io.shardguard.testkit.FreePorts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** A real HAProxy, started as its supervisor starts it, on free ports. */
public final class HaproxyProcess implements AutoCloseable {

  private static final Duration BOUND = Duration.ofSeconds(30);

  public final int writePort = FreePorts.on("127.0.0.1");
  public final int readPort = FreePorts.on("127.0.0.1");
  public final int anyPort = FreePorts.on("127.0.0.1");
  public final int statsPort = FreePorts.on("127.0.0.1");
  public final Path directory;
  private Process process;

  public HaproxyProcess() throws IOException {
    directory = Files.createTempDirectory("sg-lb-");
  }

  public Frontends frontends() {
    return new Frontends(
        "127.0.0.1",
        writePort,
        readPort,
        anyPort,
        statsPort,
        directory.resolve("stats.sock").toString(),
        "monitor",
        Duration.ofHours(1));
  }

  public void start() throws IOException {
    process =
        new ProcessBuilder(
                "haproxy",
                "-W",
                "-db",
                "-S",
                directory.resolve("master.sock").toString(),
                "-f",
                directory.resolve("haproxy.cfg").toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(directory.resolve("log").toFile()))
            .start();
  }

  public void awaitUp(Haproxy haproxy) {
    await()
        .atMost(BOUND)
        .ignoreExceptionsInstanceOf(IOException.class)
        .until(() -> haproxy.runningHash().isPresent());
  }

  /** As kill -9 of the whole lot, workers too. */
  public void kill() {
    if (process == null) {
      return;
    }
    List<ProcessHandle> all =
        Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
    all.forEach(ProcessHandle::destroyForcibly);
    await().atMost(BOUND).until(() -> !process.isAlive());
  }

  public String log() throws IOException {
    return Files.readString(directory.resolve("log"));
  }

  @Override
  public void close() throws IOException {
    kill();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(directory);
  }
}
