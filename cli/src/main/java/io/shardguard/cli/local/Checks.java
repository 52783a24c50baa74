package io.shardguard.cli.local;

import io.shardguard.cli.Failure;
import io.shardguard.cli.local.Installation.EngineChoice;
import io.shardguard.clusterspec.ClusterSpec;
import io.shardguard.events.MemberAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What must be so before a cluster is started. Every check changes nothing and throws a {@link
 * Failure} that says what is wrong and what to do.
 */
final class Checks {

  private static final long NEW_CLUSTER_BYTES = 2L << 30;
  private static final long OLD_CLUSTER_BYTES = 512L << 20;

  /** The kernel's bound on the path of a unix socket, its closing zero included. */
  private static final int SOCKET_PATH_BOUND = 108;

  private static final Map<String, String> PACKAGES =
      Map.of(
          "supervisord", "supervisor",
          "supervisorctl", "supervisor",
          "haproxy", "haproxy",
          "setpriv", "util-linux",
          "psql", "postgresql-client-15");

  private Checks() {}

  static void user(RunUser user) {
    if (!user.exists()) {
      throw Failure.precondition(
          "The user " + user.name() + " does not exist: PostgreSQL refuses to run as root.",
          "Install the package postgresql-common, which makes it, or call this as an unprivileged user.");
    }
  }

  static void programs() {
    for (String program : PACKAGES.keySet().stream().sorted().toList()) {
      if (Programs.find(program).isEmpty()) {
        throw Failure.precondition(
            "The program " + program + " is missing.",
            "Install it: apt-get install " + PACKAGES.get(program));
      }
    }
  }

  /**
   * PostgreSQL's programs are there, of a version that is known to work, and with what the engine
   * needs.
   */
  static void postgres(Path bin, EngineChoice engine) {
    String major = major(bin);
    Path extensions = Path.of("/usr/share/postgresql", major, "extension");
    if (!Files.exists(extensions.resolve("postgis.control"))) {
      throw Failure.precondition(
          "PostGIS for PostgreSQL " + major + " is missing.",
          "Install it: apt-get install postgresql-" + major + "-postgis-3");
    }
    if (engine == EngineChoice.CITUS && !Files.exists(extensions.resolve("citus.control"))) {
      throw Failure.precondition(
          "Citus for PostgreSQL " + major + " is missing.",
          "Install Citus, or leave --engine citus out: the stand-in is used then.");
    }
  }

  private static String major(Path bin) {
    Path server = bin.resolve("postgres");
    if (!Files.isExecutable(server)) {
      throw Failure.precondition(
          server + " is missing.", "Install it: apt-get install postgresql-15");
    }
    String version =
        Command.run(Duration.ofSeconds(30), List.of(server.toString(), "--version")).output();
    String major = version.replaceFirst("^postgres \\(PostgreSQL\\) (\\d+).*", "$1");
    if (!"15".equals(major)) {
      throw Failure.precondition(
          server + " is '" + version + "'; this version of Shardguard knows PostgreSQL 15.",
          "Install it: apt-get install postgresql-15");
    }
    return major;
  }

  /**
   * The user may run the JDK that was found: it may lie in a home directory that is closed to
   * others.
   */
  static void java(Path home, RunUser user) {
    Path java = home.resolve("bin/java");
    if (!Command.run(Duration.ofSeconds(60), user.as(List.of(java.toString(), "-version"))).ok()) {
      throw Failure.precondition(
          "The user " + user.name() + " may not run " + java + ".",
          "Set JAVA_HOME to a JDK that every user may run.");
    }
  }

  /** The directory is ours, or empty, or can be made. */
  static void stateDirectory(StateDirectory state) {
    Path root = state.root();
    if (Files.exists(state.marker())) {
      return;
    }
    try {
      if (Files.exists(root) && !isEmpty(root)) {
        throw Failure.precondition(
            root + " is not empty, and was not made by ./shardguard up.",
            "Name an empty or a new directory by --state.");
      }
    } catch (IOException e) {
      throw Failure.precondition(
          root + " cannot be read (" + e.getMessage() + ").", "Name another directory by --state.");
    }
    Path existing = existingAncestor(root);
    if (!Files.isWritable(existing)) {
      throw Failure.precondition(
          existing + " is not writable for " + System.getProperty("user.name") + ".",
          "Name another directory by --state.");
    }
  }

  /** The user that everything runs as gets through to the directory. */
  static void reachable(StateDirectory state, RunUser user) {
    Path existing = existingAncestor(state.root());
    if (!Command.run(Duration.ofSeconds(30), user.as(List.of("test", "-x", existing.toString())))
        .ok()) {
      throw Failure.precondition(
          "The user " + user.name() + " may not enter " + existing + ".",
          "Name a directory by --state that this user can reach, e.g. below /var/lib.");
    }
  }

  /** Unix sockets have short names only. */
  static void pathLength(StateDirectory state, ClusterSpec spec) {
    int longest =
        spec.members()
            .mapToInt(m ->
                state
                    .members()
                    .resolve(m.name())
                    .resolve("run/.s.PGSQL." + m.port())
                    .toString()
                    .getBytes()
                    .length)
            .max()
            .orElse(0);
    if (longest >= SOCKET_PATH_BOUND) {
      throw Failure.precondition(
          "The path "
              + state.root()
              + " is too long by "
              + (longest - SOCKET_PATH_BOUND + 1)
              + " bytes: the members' sockets lie in it, and the kernel bounds their names.",
          "Name a shorter directory by --state.");
    }
  }

  static void diskSpace(StateDirectory state) {
    long needed = Files.exists(state.marker()) ? OLD_CLUSTER_BYTES : NEW_CLUSTER_BYTES;
    Path existing = existingAncestor(state.root());
    try {
      long free = Files.getFileStore(existing).getUsableSpace();
      if (free < needed) {
        throw Failure.precondition(
            "Too little disk: "
                + existing
                + " has "
                + (free >> 20)
                + " MiB free, "
                + (needed >> 20)
                + " are needed.",
            "Make room, or name a directory on another disk by --state.");
      }
    } catch (IOException e) {
      throw Failure.precondition(
          "The free space of " + existing + " is not known (" + e.getMessage() + ").",
          "Name another directory by --state.");
    }
  }

  /** Every data directory was made by this PostgreSQL version. */
  static void dataVersions(StateDirectory state, ClusterSpec spec, String postgresBin) {
    String major = major(Path.of(postgresBin));
    spec.members()
        .forEach(member -> {
          Optional<String> version = new MemberProcess(state, member.name()).dataVersion();
          if (version.isPresent() && !version.get().equals(major)) {
            throw Failure.precondition(
                state.data(member.name())
                    + " was made by PostgreSQL "
                    + version.get()
                    + "; the programs are of version "
                    + major
                    + ".",
                "Install postgresql-" + version.get() + ", or use another --state.");
          }
        });
  }

  /** Nobody else listens on the cluster's ports. */
  static void ports(Ports ports, List<ServiceProcess> services) {
    ports
        .onLocalhost(services)
        .forEach((port, use) ->
            requireFree("127.0.0.1", port, use, "Choose other ports by --port-base."));
  }

  /**
   * Nobody else listens where the members will. A member of ours that still runs is no stranger.
   */
  static void addresses(StateDirectory state, ClusterSpec spec) {
    for (MemberAddress member : spec.members().toList()) {
      if (new MemberProcess(state, member.name()).running().isEmpty()) {
        requireFree(
            member.host(),
            member.port(),
            "member " + member.name(),
            "Choose other ports by --port-base, or another address in the declaration (--cluster-file).");
      }
    }
  }

  private static void requireFree(String host, int port, String use, String remedy) {
    try (ServerSocket socket = new ServerSocket()) {
      // As the servers do: a connection that lingers from a minute ago is in nobody's way.
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getByName(host), port));
    } catch (IOException e) {
      throw Failure.precondition(
          host + ":" + port + ", wanted for " + use + ", cannot be used: " + e.getMessage() + ".",
          remedy);
    }
  }

  /** Members that exist stay where and what they are; more may come. */
  static void sameMembers(ClusterSpec old, ClusterSpec wanted) {
    if (!old.cluster().equals(wanted.cluster())) {
      throw Failure.precondition(
          "The state directory is cluster '"
              + old.cluster()
              + "', the declaration is of '"
              + wanted.cluster()
              + "'.",
          "Name another directory by --state for another cluster.");
    }
    for (MemberAddress member : old.members().toList()) {
      boolean kept =
          wanted
                  .groupOf(member.name())
                  .map(g -> g.group())
                  .equals(old.groupOf(member.name()).map(g -> g.group()))
              && wanted.members().anyMatch(member::equals);
      if (!kept) {
        throw Failure.precondition(
            "The declaration moves or removes the member "
                + member.name()
                + " of the existing cluster.",
            "Keep its group, host and port; members can be added only.");
      }
      String engine = old.placement().get(member.name());
      if (engine != null && !engine.equals(wanted.placement().get(member.name()))) {
        throw Failure.precondition(
            "The declaration moves the member "
                + member.name()
                + " from the engine "
                + engine
                + ", where its data are.",
            "Keep it there: {name: " + member.name() + ", engine: " + engine + "}");
      }
    }
  }

  private static boolean isEmpty(Path directory) throws IOException {
    try (var entries = Files.list(directory)) {
      return entries.findAny().isEmpty();
    }
  }

  private static Path existingAncestor(Path path) {
    Path at = path;
    while (!Files.exists(at)) {
      at = at.getParent();
    }
    return at;
  }
}
