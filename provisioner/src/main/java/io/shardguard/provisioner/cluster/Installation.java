package io.shardguard.provisioner.cluster;

import io.shardguard.events.ProvisionerEvent.Engine;
import io.shardguard.provisioner.cluster.ProvisionerConfig.EngineChoice;
import io.shardguard.provisioner.runtime.MemberRuntime;
import io.shardguard.provisioner.runtime.MemberRuntime.Ended;
import java.io.IOException;
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

  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Pattern VERSION = Pattern.compile("\\(PostgreSQL\\) (\\d+)");
  private static final Pattern DEFAULT_VERSION =
      Pattern.compile("default_version\\s*=\\s*'([^']+)'");

  /**
   * Looks.
   *
   * @throws IllegalStateException if something is missing; the message says what to do
   */
  static Installation find(Path bin, EngineChoice choice, MemberRuntime runtime)
      throws IOException, InterruptedException {
    String version = version(bin.resolve("postgres"), runtime);
    Matcher major = VERSION.matcher(version);
    if (!major.find()) {
      throw new IllegalStateException(bin.resolve("postgres") + " says no version: " + version);
    }
    Optional<String> citus =
        choice == EngineChoice.STAND_IN ? Optional.empty() : citusVersion(bin, runtime);
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

  private static Optional<String> citusVersion(Path bin, MemberRuntime runtime)
      throws IOException, InterruptedException {
    Ended control =
        runtime.run(
            List.of(
                "sh",
                "-c",
                "cat \"$(\"$0\" --sharedir)/extension/citus.control\"",
                bin.resolve("pg_config").toString()),
            LIMIT);
    if (control.exitCode() != 0) {
      return Optional.empty();
    }
    Matcher found = DEFAULT_VERSION.matcher(control.output());
    return Optional.of(found.find() ? found.group(1) : "of unknown version");
  }

  private static String version(Path program, MemberRuntime runtime)
      throws IOException, InterruptedException {
    Ended ended = runtime.run(List.of(program.toString(), "--version"), LIMIT);
    if (ended.exitCode() != 0) {
      throw new IllegalStateException(
          program
              + " does not run ("
              + ended.output().strip()
              + "): install PostgreSQL, or set shardguard.postgres-bin to its directory");
    }
    return ended.output().strip();
  }
}
