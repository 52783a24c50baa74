package io.shardguard.cli.local;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/** Where the distribution's programs are. */
final class Programs {

  /** Debian keeps daemons in sbin, which an ordinary user's PATH lacks. */
  static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private Programs() {}

  /** The program's file, if it is installed. */
  static Optional<Path> find(String program) {
    return Arrays.stream(PATH.split(":"))
        .map(directory -> Path.of(directory, program))
        .filter(Files::isExecutable)
        .findFirst();
  }
}
