package io.shardguard.provisioner.cluster;

import io.shardguard.events.ProvisionerEvent.Engine;
import io.shardguard.provisioner.cluster.ProvisionerConfig.EngineChoice;
import io.shardguard.provisioner.runtime.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is installed on this machine.
 *
 * @param postgresMajor PostgreSQL's major version
 * @param engine which distribution functions the members get
 * @param engineVersion for people
 */
record Installation(String postgresMajor, Engine engine, String engineVersion) {

  private static final Pattern VERSION = Pattern.compile("\\(PostgreSQL\\) (\\d+)");
  private static final Pattern DEFAULT_VERSION =
      Pattern.compile("default_version\\s*=\\s*'([^']+)'");

  /**
   * Looks.
   *
   * @throws IllegalStateException if something is missing; the message says what to do
   */
  static Installation find(Path bin, EngineChoice choice, Programs programs)
      throws IOException, InterruptedException {
    String version = output(programs, bin.resolve("postgres"), "--version");
    Matcher major = VERSION.matcher(version);
    if (!major.find()) {
      throw new IllegalStateException(bin.resolve("postgres") + " says no version: " + version);
    }
    Optional<String> citus =
        choice == EngineChoice.STAND_IN ? Optional.empty() : citusVersion(bin, programs);
    if (citus.isEmpty() && choice == EngineChoice.CITUS) {
      throw new IllegalStateException(
          "Citus is not installed for the PostgreSQL in "
              + bin
              + ": install it, or set shardguard.engine=auto");
    }
    return citus
        .map(found -> new Installation(major.group(1), Engine.CITUS, "Citus " + found))
        .orElse(
            new Installation(
                major.group(1), Engine.STAND_IN, "stand-in on PostgreSQL " + major.group(1)));
  }

  boolean citus() {
    return engine == Engine.CITUS;
  }

  private static Optional<String> citusVersion(Path bin, Programs programs)
      throws IOException, InterruptedException {
    Path share = Path.of(output(programs, bin.resolve("pg_config"), "--sharedir"));
    Path control = share.resolve("extension").resolve("citus.control");
    if (!Files.exists(control)) {
      return Optional.empty();
    }
    Matcher found = DEFAULT_VERSION.matcher(Files.readString(control));
    return Optional.of(found.find() ? found.group(1) : "of unknown version");
  }

  private static String output(Programs programs, Path program, String argument)
      throws IOException, InterruptedException {
    if (!Files.isExecutable(program)) {
      throw new IllegalStateException(
          program
              + " is missing: install PostgreSQL, or set shardguard.postgres-bin to its directory");
    }
    return programs
        .run(Path.of("/"), List.of(program.toString(), argument), "", Duration.ofSeconds(30))
        .output()
        .strip();
  }
}
