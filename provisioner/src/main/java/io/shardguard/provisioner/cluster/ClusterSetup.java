package io.shardguard.provisioner.cluster;

import io.shardguard.clusterspec.ClusterSpec;
import io.shardguard.clusterspec.GroupSpec;
import io.shardguard.events.GroupTopology;
import io.shardguard.events.MemberAddress;
import io.shardguard.events.ProvisionerEvent.ClusterReady;
import io.shardguard.postgres.SessionException;
import io.shardguard.provisioner.core.AutoConf;
import io.shardguard.provisioner.core.FirstSql;
import io.shardguard.provisioner.member.MemberReports;
import io.shardguard.provisioner.member.MemberSql;
import io.shardguard.provisioner.member.MemberSql.Session;
import io.shardguard.provisioner.runtime.Member;
import io.shardguard.provisioner.runtime.MemberRuntime;
import io.shardguard.provisioner.runtime.MemberRuntime.Ended;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Makes a cluster of the groups: extensions and grants in each group's database, and every group
 * registered as a node. Looks before it acts: on a cluster that has all this it changes nothing.
 * Runs until it has succeeded once.
 */
final class ClusterSetup implements Runnable {

  private static final Logger LOG = Logger.getLogger(ClusterSetup.class);
  private static final Duration TICK = Duration.ofMillis(200);
  private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);
  private static final Duration EXTENSION = Duration.ofMinutes(2);

  private final ClusterSpec spec;
  private final Installation installation;
  private final Optional<Path> standinDir;
  private final MemberSql sql;
  private final KnownTopology topology;
  private final MemberReports reports;
  private final MemberRuntime runtime;
  private final Function<String, Optional<Member>> members;
  private final Path bin;
  private final long begunAt;

  ClusterSetup(
      ClusterSpec spec,
      Installation installation,
      Optional<Path> standinDir,
      MemberSql sql,
      KnownTopology topology,
      MemberReports reports,
      MemberRuntime runtime,
      Function<String, Optional<Member>> members,
      Path bin,
      long begunAt) {
    this.spec = spec;
    this.installation = installation;
    this.standinDir = standinDir;
    this.sql = sql;
    this.topology = topology;
    this.reports = reports;
    this.runtime = runtime;
    this.members = members;
    this.bin = bin;
    this.begunAt = begunAt;
  }

  @Override
  public void run() {
    String lastFailure = "";
    try {
      while (true) {
        Optional<Map<Integer, MemberAddress>> primaries = primaries();
        if (primaries.isEmpty()) {
          Thread.sleep(TICK);
          continue;
        }
        try {
          setUp(primaries.get());
          break;
        } catch (SessionException | IOException | RuntimeException e) {
          if (!lastFailure.equals(e.getMessage())) {
            lastFailure = String.valueOf(e.getMessage());
            LOG.warnf("cluster=%s is not set up yet: %s", spec.cluster(), e.getMessage());
          }
          Thread.sleep(AFTER_FAILURE);
        }
      }
      long millis = Duration.ofNanos(System.nanoTime() - begunAt).toMillis();
      LOG.infof(
          "cluster=%s is ready: %d groups, %d ms since the start",
          spec.cluster(), spec.groups().size(), millis);
      reports.publish(new ClusterReady(spec.groups().size(), millis));
    } catch (InterruptedException e) {
      // The service ends.
    }
  }

  /** The primary of every group; empty unless each has one. */
  private Optional<Map<Integer, MemberAddress>> primaries() {
    Map<Integer, MemberAddress> primaries = new TreeMap<>();
    for (GroupSpec group : spec.groups()) {
      GroupTopology known = topology.of(group.group());
      Optional<MemberAddress> primary = known == null ? Optional.empty() : known.writable();
      if (primary.isEmpty()) {
        return Optional.empty();
      }
      primaries.put(group.group(), primary.get());
    }
    return Optional.of(primaries);
  }

  private void setUp(Map<Integer, MemberAddress> primaries)
      throws SessionException, IOException, InterruptedException {
    for (MemberAddress primary : primaries.values()) {
      setUpDatabase(primary);
    }
    try (Session coordinator = sql.open(primaries.get(0), FirstSql.DATABASE)) {
      register(coordinator, primaries);
    }
  }

  private void setUpDatabase(MemberAddress primary)
      throws SessionException, IOException, InterruptedException {
    try (Session session = sql.open(primary, FirstSql.DATABASE)) {
      if (installation.citus()) {
        createExtension(session, "citus");
      } else {
        installStandin(session, primary);
      }
      createExtension(session, "postgis");
      if (!session.isTrue(
          "SELECT has_table_privilege('shardguard_monitor', 'pg_dist_node', 'SELECT')")) {
        session.run("GRANT SELECT ON pg_dist_node TO shardguard_monitor");
      }
    }
  }

  private void createExtension(Session session, String name)
      throws SessionException, InterruptedException {
    if (!session.isTrue(
        "SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = '" + name + "')")) {
      throw new IllegalStateException(
          "the extension " + name + " is not installed on this machine: install its package");
    }
    if (!session.isTrue(
        "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = '" + name + "')")) {
      session.run("CREATE EXTENSION IF NOT EXISTS " + name, EXTENSION);
    }
  }

  /** Through psql, in one transaction: half a stand-in is none. */
  private void installStandin(Session session, MemberAddress primary)
      throws SessionException, IOException, InterruptedException {
    if (session.isTrue("SELECT to_regprocedure('citus_version()') IS NOT NULL")) {
      return;
    }
    List<String> command =
        new ArrayList<>(
            List.of(
                bin.resolve("psql").toString(),
                "--no-psqlrc",
                "--quiet",
                "--single-transaction",
                "--set=ON_ERROR_STOP=1",
                "--host=" + primary.host(),
                "--port=" + primary.port(),
                "--username=postgres",
                "--dbname=" + FirstSql.DATABASE,
                "--no-password"));
    standinFiles().forEach(file -> command.add("--file=" + file));
    Ended ended = runtime.run(members.apply(primary.name()).orElseThrow(), command, "", EXTENSION);
    if (ended.exitCode() != 0) {
      throw new IOException(
          "the stand-in cannot be installed on " + primary.name() + ": " + ended.output().strip());
    }
  }

  private List<Path> standinFiles() throws IOException {
    Path directory =
        standinDir.orElseThrow(() ->
            new IllegalStateException(
                "Citus is not in use, and shardguard.standin-dir is not set: set it to the stand-in's directory"));
    try (Stream<Path> files = Files.list(directory)) {
      List<Path> numbered =
          files.filter(f -> f.getFileName().toString().matches("\\d+.*\\.sql")).sorted().toList();
      if (numbered.isEmpty()) {
        throw new IllegalStateException(
            "no SQL files of the stand-in in " + directory + ": correct shardguard.standin-dir");
      }
      return numbered;
    }
  }

  private void register(Session coordinator, Map<Integer, MemberAddress> primaries)
      throws SessionException, InterruptedException {
    for (Map.Entry<Integer, MemberAddress> group : primaries.entrySet()) {
      // A row that is there is failover-coordinator's to change.
      if (coordinator.isTrue(
          "SELECT EXISTS (SELECT FROM pg_dist_node WHERE groupid = " + group.getKey() + ")")) {
        continue;
      }
      String address = AutoConf.quoted(group.getValue().host()) + ", " + group.getValue().port();
      coordinator.run(
          group.getKey() == 0
              ? "SELECT citus_set_coordinator_host(" + address + ")"
              : "SELECT citus_add_node(" + address + ", " + group.getKey() + ")",
          EXTENSION);
      LOG.infof(
          "cluster=%s group=%d member=%s registered as a node",
          spec.cluster(), group.getKey(), group.getValue().name());
    }
  }
}
