package io.shardguard.provisioner.docker;

import io.shardguard.provisioner.docker.DiskSession.BrokenException;
import io.shardguard.provisioner.runtime.MemberDisk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The files of one member, in its volume: a session to a container that mounts the volumes of all.
 * One that breaks is opened anew for the next call.
 */
final class DockerDisk implements MemberDisk {

  private static final String OWNER = "postgres";
  private static final Duration QUICK = Duration.ofSeconds(30);
  private static final Duration WHOLE_TREE = Duration.ofMinutes(10);

  private final DiskContainer container;
  private DiskSession session;

  DockerDisk(DiskContainer container) {
    this.container = container;
  }

  @Override
  public String owner() {
    return OWNER;
  }

  @Override
  public boolean exists(Path path) throws IOException {
    return "yes".equals(ask("exists " + path, QUICK));
  }

  @Override
  public String read(Path file) throws IOException {
    byte[] content = Base64.getDecoder().decode(ask("read " + file, QUICK));
    return new String(content, StandardCharsets.UTF_8);
  }

  @Override
  public void write(Path file, String text) throws IOException {
    byte[] content = text.getBytes(StandardCharsets.UTF_8);
    ask("write " + file + " " + Base64.getEncoder().encodeToString(content), QUICK);
  }

  @Override
  public void directory(Path directory) throws IOException {
    ask("directory " + directory, QUICK);
  }

  @Override
  public void delete(Path file) throws IOException {
    ask("delete " + file, QUICK);
  }

  @Override
  public void remove(Path path) throws IOException {
    ask("remove " + path, WHOLE_TREE);
  }

  @Override
  public void move(Path from, Path to) throws IOException {
    ask("move " + from + " " + to, QUICK);
  }

  @Override
  public List<Path> list(Path directory, String prefix) throws IOException {
    String names = ask("list " + directory + " " + prefix, QUICK);
    return Arrays.stream(names.split(" "))
        .filter(name -> !name.isEmpty())
        .map(directory::resolve)
        .sorted()
        .collect(Collectors.toList());
  }

  @Override
  public long size(Path directory) throws IOException {
    return Long.parseLong(ask("size " + directory, WHOLE_TREE));
  }

  @Override
  public long room(Path path) throws IOException {
    return Long.parseLong(ask("room " + path, QUICK));
  }

  /** For one thread at a time: an answer belongs to the request before it. */
  private synchronized String ask(String request, Duration limit) throws IOException {
    try {
      // One that nobody used for long may have ended by itself.
      if (session != null && session.ended()) {
        close();
      }
      if (session == null) {
        session = container.open();
      }
      return session.ask(request, limit);
    } catch (BrokenException e) {
      close();
      throw e;
    } catch (InterruptedException e) {
      // Its answer would be taken for the next request's.
      close();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while a member's disk was asked", e);
    }
  }

  synchronized void close() {
    if (session != null) {
      try {
        session.close();
      } catch (IOException gone) {
        // As wanted.
      }
      session = null;
    }
  }
}
