package io.shardguard.provisioner.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.shardguard.clusterspec.ClusterSpecReader;
import io.shardguard.clusterspec.MemberNetwork;
import io.shardguard.events.EventCodec;
import io.shardguard.events.MemberAddress;
import io.shardguard.provisioner.TestSql;
import io.shardguard.provisioner.TestState;
import io.shardguard.provisioner.TestTopology;
import io.shardguard.provisioner.member.TestMember;
import io.shardguard.testkit.Command;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The provisioner dies or stands still in the middle of its work; a group of two with real
 * PostgreSQL, the test decides who is primary.
 */
class InterruptedWorkTest {

  private static final Duration BOUND = Duration.ofSeconds(120);
  private static final String A = "worker-1a";
  private static final String B = "worker-1b";

  private final TestState state =
      new TestState(
          """
          cluster: tested
          settings: {shared_buffers: 16MB}
          groups:
            - {group: 0, members: [coordinator-a, coordinator-b]}
            - {group: 1, members: [worker-1a, worker-1b]}
          """);
  private List<MemberAddress> members;
  private Process provisioner;

  @BeforeEach
  void formTheGroup() throws Exception {
    Files.createDirectories(state.directory().resolve("failpoints"));
    members =
        ClusterSpecReader.read(state.clusterFile(), state.portBase(), MemberNetwork.LOOPBACK)
            .group(1)
            .orElseThrow()
            .members();
    begin();
    promote(A);
    decide(TestTopology.led(members, 1, A));
    awaitEvent("MemberRejoined\\[group=1, member=worker-1b,.*");
  }

  @AfterEach
  void removeAll() {
    if (provisioner != null) {
      provisioner.destroyForcibly();
    }
    state.close();
  }

  @Test
  void aStandbyPromotedByHandIsEndedAndRejoinsAndWhatItWroteIsKeptBesideIt() throws Exception {
    sql(B, "SELECT pg_promote()");
    // Its last moments: it may be ended at any time from here on.
    sqlIfItLives(B, "CREATE TABLE by_hand AS SELECT generate_series(1, 10) i");

    awaitEvent("MemberFenced\\[group=1, member=worker-1b, transition=rogue,.*");
    String told = awaitEvent("RejoinStarted\\[group=1, member=worker-1b, .*kept for good in .*");
    awaitStandby(B);

    Path kept = kept(B);
    assertThat(told).contains(kept.toString());
    assertThat(value(A, "SELECT to_regclass('by_hand')")).isNull();
    assertThat(value(B, "SELECT to_regclass('by_hand')")).isNull();
    sql(A, "CREATE TABLE goes_on (i int)");
    awaitThat(() -> value(B, "SELECT to_regclass('goes_on')") != null);
  }

  @Test
  void theRowsOfARogueAreInTheDataThatIsKept() throws Exception {
    arm("provisioner-after-fence", "");
    // Nobody watches while the rows are written.
    stop(provisioner);
    sql(B, "SELECT pg_promote()");
    sql(B, "CREATE TABLE by_hand AS SELECT generate_series(1, 10) i");
    resume(provisioner);
    awaitEnd(provisioner);
    assertThat(events()).noneMatch(e -> e.startsWith("MemberFenced"));

    begin();
    awaitEvent("RejoinStarted\\[group=1, member=worker-1b, .*kept for good in .*");
    awaitStandby(B);

    assertThat(value(B, "SELECT to_regclass('by_hand')")).isNull();
    assertThat(countedIn(kept(B), "by_hand")).isEqualTo("10");
  }

  @Test
  void whoeverComesBackFencesAgainForATransitionThatIsStillOpen() throws Exception {
    arm("provisioner-after-fence", "");
    decide(TestTopology.led(members, 1, A).sealing("t-1", B));
    awaitEnd(provisioner);
    assertThat(events()).noneMatch(e -> e.startsWith("MemberFenced"));

    begin();

    awaitEvent("MemberFenced\\[group=1, member=worker-1a, transition=t-1,.*");
    awaitThat(() -> "t".equals(value(A, "SELECT pg_is_in_recovery()")));
  }

  @Test
  void aCopyThatWasNotPutInPlaceIsMadeAnewAndTheOldDataThenGoes() throws Exception {
    arm("provisioner-after-putting-aside", "");
    needsACopy(B);
    awaitEnd(provisioner);
    assertThat(state.member(B).resolve("data")).doesNotExist();
    assertThat(state.member(B).resolve("data.old-1")).exists();

    begin();

    awaitStandby(B);
    awaitThat(() -> directories(B, "data.old-").isEmpty());
  }

  @Test
  void withoutAPrimaryToCopyTheOldDataIsPutBack() throws Exception {
    arm("provisioner-after-putting-aside", "");
    needsACopy(B);
    awaitEnd(provisioner);
    decide(TestTopology.led(members, 1, B));

    begin();

    awaitThat(() -> "t".equals(value(B, "SELECT pg_is_in_recovery()")));
    assertThat(directories(B, "data.old-")).isEmpty();
  }

  @Test
  void oldDataThatNobodyCameToRemoveIsRemovedByTheNextProvisioner() throws Exception {
    arm("provisioner-after-streaming", "");
    needsACopy(B);
    awaitEnd(provisioner);
    assertThat(state.member(B).resolve("data.old-1")).exists();

    begin();

    awaitThat(() -> directories(B, "data.old-").isEmpty());
    awaitStandby(B);
  }

  @Test
  void anInterruptedRewindBecomesACopyAndTheDataFromBeforeItIsKeptUntilThen() throws Exception {
    divergedAfterFailover("provisioner-in-rewind", "");
    awaitEnd(provisioner);
    assertThat(state.member(A).resolve("conf/rewinding")).exists();
    assertThat(countedIn(copyOf(state.member(A).resolve("data.old-1")), "lost")).isEqualTo("10");

    begin();

    awaitEvent("RejoinStarted\\[group=1, member=worker-1a, .*method=BASE_BACKUP.*");
    awaitStandby(A);
    assertThat(value(A, "SELECT to_regclass('lost')")).isNull();
    awaitThat(() -> directories(A, "data.old-").isEmpty());
  }

  @Test
  void aProvisionerThatStoodStillDoesNotRewindWhoeverIsPromotedMeanwhile() throws Exception {
    divergedAfterFailover("provisioner-before-last-look", "stop");
    awaitStopped(provisioner);
    decide(TestTopology.led(members, 2, B).promoting("t-2", A));
    resume(provisioner);

    awaitThat(() -> "t".equals(value(A, "SELECT pg_is_in_recovery()")));
    assertThat(value(A, "SELECT count(*) FROM lost")).isEqualTo("10");
  }

  @Test
  void aProvisionerThatStoodStillDoesNotTouchTheDataOfAnEligibleMember() throws Exception {
    arm("provisioner-before-last-look", "stop");
    needsACopy(B);
    awaitStopped(provisioner);
    String before = inode(state.member(B).resolve("data"));
    decide(TestTopology.led(members, 1, A).eligible(B));
    resume(provisioner);

    awaitState(B, ".*is eligible.*");
    assertThat(inode(state.member(B).resolve("data"))).isEqualTo(before);
    assertThat(directories(B, "data.old-")).isEmpty();
  }

  @Test
  void aProvisionerThatStoodStillDoesNotUndoASeal() throws Exception {
    arm("provisioner-before-follow", "stop");
    sql(B, "ALTER SYSTEM SET primary_conninfo = ''");
    sql(B, "SELECT pg_reload_conf()");
    awaitStopped(provisioner);
    decide(TestTopology.led(members, 1, A).sealing("t-1", B));
    sql(
        B,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            + " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()");
    resume(provisioner);

    awaitEvent("RejoinFailed\\[group=1, member=worker-1b.*");
    assertThat(value(B, "SHOW primary_conninfo")).isEmpty();
    assertThat(value(B, "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'walreceiver'"))
        .isEqualTo("0");
  }

  @Test
  void whatAnOperatorGaveUpByAForcedFailoverIsKeptForGood() throws Exception {
    seal(B);
    sql(A, "CREATE TABLE lost AS SELECT generate_series(1, 10) i");
    decide(TestTopology.led(members, 1, A).sealing("t-1", B));
    awaitEvent("MemberFenced\\[group=1, member=worker-1a, transition=t-1,.*");
    decide(TestTopology.led(members, 1, A).promoting("t-1", B));
    promote(B);
    decide(TestTopology.led(members, 2, B).withLoss("t-1", A));

    String told = awaitEvent("RejoinStarted\\[group=1, member=worker-1a, .*kept for good in .*");
    awaitStandby(A);

    Path kept = state.member(A).resolve("data.kept-loss-t-1");
    assertThat(told).contains(kept.toString());
    awaitThat(() -> Files.exists(kept));
    assertThat(countedIn(kept, "lost")).isEqualTo("10");
  }

  @Test
  void aMemberInMaintenanceIsNotStartedAgainBeforeItsEnd() throws Exception {
    decide(TestTopology.led(members, 1, A).inMaintenance(B));
    state.kill(B);
    awaitEvent("MemberExited\\[group=1, member=worker-1b.*");
    awaitState(B, ".*is in maintenance and does not run");
    assertThat(events()).filteredOn(e -> e.matches("MemberStarted.*worker-1b.*")).isEmpty();

    decide(TestTopology.led(members, 1, A));

    awaitEvent("MemberStarted\\[group=1, member=worker-1b.*");
    awaitStandby(B);
  }

  @Test
  void afterAPowerCutNobodyTakesWritesBeforeItIsDecided() throws Exception {
    provisioner.destroyForcibly().waitFor();
    killEveryServer();

    begin();

    for (String member : List.of(A, B)) {
      awaitThat(() -> "t".equals(value(member, "SELECT pg_is_in_recovery()")));
    }
    promote(A);
    awaitStandby(B);
  }

  private void divergedAfterFailover(String failpoint, String order) throws Exception {
    seal(B);
    sql(A, "CREATE TABLE lost AS SELECT generate_series(1, 10) i");
    decide(TestTopology.led(members, 1, A).sealing("t-1", B));
    awaitEvent("MemberFenced\\[group=1, member=worker-1a, transition=t-1,.*");
    decide(TestTopology.led(members, 1, A).promoting("t-1", B));
    promote(B);
    arm(failpoint, order);
    decide(TestTopology.led(members, 2, B));
  }

  /** As failover-coordinator does it; the topology keeps the provisioner from undoing it. */
  private void seal(String member) throws Exception {
    decide(TestTopology.led(members, 1, A).promoting("t-1", B));
    sql(member, "ALTER SYSTEM SET primary_conninfo = ''");
    sql(member, "SELECT pg_reload_conf()");
    awaitThat(() ->
        "0"
            .equals(
                value(
                    member,
                    "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'walreceiver'")));
  }

  private void needsACopy(String member) throws IOException {
    stop(provisioner);
    Files.writeString(state.member(member).resolve("conf/rewinding"), "");
    state.kill(member);
    resume(provisioner);
  }

  private void begin() throws IOException {
    provisioner =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Dorg.jboss.logging.provider=jdk",
                "-cp",
                System.getProperty("java.class.path"),
                KeepingProcess.class.getName(),
                state.directory().toString(),
                Integer.toString(state.portBase()))
            .redirectErrorStream(true)
            .redirectOutput(
                Redirect.appendTo(state.directory().resolve("provisioner.log").toFile()))
            .start();
  }

  private void arm(String failpoint, String order) throws IOException {
    Files.writeString(state.directory().resolve("failpoints").resolve(failpoint), order);
  }

  private void decide(TestTopology topology) throws IOException {
    Path draft = state.directory().resolve("topology.draft");
    Files.write(draft, new EventCodec().write(topology.record()));
    Files.move(draft, state.directory().resolve("topology.json"), StandardCopyOption.ATOMIC_MOVE);
  }

  private void promote(String member) throws Exception {
    awaitThat(() -> "t".equals(value(member, "SELECT pg_is_in_recovery()")));
    sql(member, "SELECT pg_promote()");
    awaitThat(() -> "f".equals(value(member, "SELECT pg_is_in_recovery()")));
  }

  private void awaitStandby(String member) {
    awaitThat(
        () -> "streaming".equals(value(member, "SELECT status FROM pg_stat_wal_receiver LIMIT 1")));
  }

  private String awaitEvent(String pattern) {
    return await()
        .atMost(BOUND)
        .until(
            () -> events().stream().filter(e -> e.matches(pattern)).findFirst().orElse(""),
            e -> !e.isEmpty());
  }

  private void awaitState(String member, String pattern) {
    awaitThat(() -> lines("states.txt").stream().anyMatch(s -> s.matches(member + " " + pattern)));
  }

  private List<String> events() {
    return lines("events.txt");
  }

  private List<String> lines(String name) {
    try {
      Path file = state.directory().resolve(name);
      return Files.exists(file) ? Files.readAllLines(file) : List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void awaitThat(Callable<Boolean> condition) {
    await().atMost(BOUND).ignoreExceptions().until(condition);
  }

  private static void awaitEnd(Process process) throws Exception {
    assertThat(process.waitFor(BOUND.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(137);
  }

  private static void awaitStopped(Process process) {
    awaitThat(() -> {
      String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
      return stat.charAt(stat.lastIndexOf(')') + 2) == 'T';
    });
  }

  private static void stop(Process process) {
    signal("-STOP", process);
    awaitStopped(process);
  }

  private static void resume(Process process) {
    signal("-CONT", process);
  }

  private static void signal(String signal, Process process) {
    Command.run(Map.of(), List.of("kill", signal, Long.toString(process.pid())));
  }

  private void killEveryServer() throws IOException {
    for (String member : List.of(A, B)) {
      Path data = state.member(member).resolve("data").toRealPath();
      try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
        all.filter(process -> worksIn(process, data)).forEach(ProcessHandle::destroyForcibly);
      }
    }
  }

  private static boolean worksIn(ProcessHandle process, Path directory) {
    try {
      return Files.readSymbolicLink(Path.of("/proc/" + process.pid() + "/cwd")).equals(directory);
    } catch (IOException goneOrSomebodyElses) {
      return false;
    }
  }

  private Path kept(String member) {
    awaitThat(() -> directories(member, "data.kept-").size() == 1);
    return directories(member, "data.kept-").getFirst();
  }

  private List<Path> directories(String member, String prefix) {
    try (Stream<Path> all = Files.list(state.member(member))) {
      return all.filter(path -> path.getFileName().toString().startsWith(prefix)).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path copyOf(Path directory) {
    Path copy = state.directory().resolve("looked-at");
    assertThat(
            Command.run(Map.of(), List.of("cp", "-a", directory.toString(), copy.toString()))
                .exitCode())
        .isZero();
    return copy;
  }

  private static String inode(Path path) throws IOException {
    return Files.getAttribute(path, "unix:ino").toString();
  }

  /** Counts a table's rows in a data directory that no server uses, with a single-user server. */
  private String countedIn(Path data, String table) throws Exception {
    Files.deleteIfExists(data.resolve("standby.signal"));
    Path config = state.directory().resolve("single.conf");
    Files.writeString(config, "");
    Files.setPosixFilePermissions(
        config, java.nio.file.attribute.PosixFilePermissions.fromString("rw-r--r--"));
    ProcessBuilder single =
        new ProcessBuilder(
            "setpriv",
            "--reuid=postgres",
            "--regid=postgres",
            "--clear-groups",
            "--",
            TestMember.BIN.resolve("postgres").toString(),
            "--single",
            "-D",
            data.toString(),
            "-c",
            "config_file=" + config,
            "-c",
            "max_prepared_transactions=200",
            "-c",
            "max_connections=200",
            "postgres");
    Process server = single.directory(data.toFile()).redirectErrorStream(true).start();
    try (var in = server.outputWriter()) {
      in.write("SELECT 'rows ' || count(*) AS answer FROM " + table + "\n");
    }
    String output = new String(server.getInputStream().readAllBytes());
    assertThat(server.waitFor(BOUND.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(output).contains("\"rows ");
    return output.replaceAll("(?s).*\"rows (\\d+)\".*", "$1");
  }

  private MemberAddress address(String name) {
    return members.stream().filter(m -> m.name().equals(name)).findFirst().orElseThrow();
  }

  private void sql(String member, String statement) throws Exception {
    TestSql.run(address(member), "postgres", "postgres", statement);
  }

  private void sqlIfItLives(String member, String statement) {
    try {
      sql(member, statement);
    } catch (Exception ended) {
      // Fenced already.
    }
  }

  private String value(String member, String query) throws Exception {
    return TestSql.value(address(member), "postgres", "postgres", query);
  }
}
