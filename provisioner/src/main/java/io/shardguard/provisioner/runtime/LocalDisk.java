package io.shardguard.provisioner.runtime;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;

/** The files of members that live on this machine. */
public record LocalDisk(ServerUser user) implements MemberDisk {

  @Override
  public String owner() {
    return user.name();
  }

  @Override
  public boolean exists(Path path) {
    return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
  }

  @Override
  public String read(Path file) throws IOException {
    return Files.readString(file);
  }

  @Override
  public void write(Path file, String text) throws IOException {
    user.write(file, text);
  }

  @Override
  public void directory(Path directory) throws IOException {
    user.directory(directory);
  }

  @Override
  public void delete(Path file) throws IOException {
    Files.deleteIfExists(file);
  }

  @Override
  public void remove(Path path) throws IOException {
    ServerUser.remove(path);
  }

  @Override
  public void move(Path from, Path to) throws IOException {
    Files.move(from, to);
  }

  @Override
  public List<Path> list(Path directory, String prefix) throws IOException {
    List<Path> all = new ArrayList<>();
    if (Files.exists(directory)) {
      try (DirectoryStream<Path> found =
          Files.newDirectoryStream(
              directory, entry -> entry.getFileName().toString().startsWith(prefix))) {
        found.forEach(all::add);
      }
    }
    all.sort(null);
    return all;
  }

  @Override
  public long size(Path directory) throws IOException {
    long[] bytes = {0};
    Files.walkFileTree(
        directory,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            bytes[0] += attributes.size();
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException gone) {
            return FileVisitResult.CONTINUE;
          }
        });
    return bytes[0];
  }

  @Override
  public long room(Path path) throws IOException {
    return Files.getFileStore(path).getUsableSpace();
  }
}
