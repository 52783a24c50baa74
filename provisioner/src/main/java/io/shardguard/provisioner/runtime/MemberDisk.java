package io.shardguard.provisioner.runtime;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The files of members, wherever they are. Paths are those that the members' own programs see.
 * Every call fails with an {@link IOException} if the disk does not do it, or cannot be reached.
 * Thread-safe.
 */
public interface MemberDisk {

  /** The operating system's user who owns all of it, and runs PostgreSQL. */
  String owner();

  /** There is a file, a directory or a link of this name. */
  boolean exists(Path path) throws IOException;

  /** A file's text. */
  String read(Path file) throws IOException;

  /** Writes a file that only the owner may read, whole or not at all. */
  void write(Path file, String text) throws IOException;

  /** Makes a directory that only the owner may enter, if it is missing. */
  void directory(Path directory) throws IOException;

  /** Removes a file; nothing if there is none. */
  void delete(Path file) throws IOException;

  /** Removes a file, or a directory with all that is in it; nothing if there is none. */
  void remove(Path path) throws IOException;

  /** Gives a file or directory another name, which must be free. */
  void move(Path from, Path to) throws IOException;

  /** What of a directory begins with this prefix, by name; empty if there is no such directory. */
  List<Path> list(Path directory, String prefix) throws IOException;

  /** How many bytes are in the files below a directory; files may come and go meanwhile. */
  long size(Path directory) throws IOException;

  /** How many bytes the file system has room for. */
  long room(Path path) throws IOException;
}
