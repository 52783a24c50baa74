package io.shardguard.healthmonitor.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.shardguard.events.Observation.MemberStatus;
import io.shardguard.healthmonitor.MemberPair;
import io.shardguard.healthmonitor.core.ProbeResult;
import io.shardguard.healthmonitor.core.ProbeResult.Answered;
import io.shardguard.healthmonitor.core.ProbeResult.Broken;
import io.shardguard.healthmonitor.core.ProbeResult.NewSession;
import io.shardguard.healthmonitor.core.ProbeResult.Outcome;
import io.shardguard.healthmonitor.core.ProbeResult.Refused;
import io.shardguard.healthmonitor.core.ProbeResult.Rejected;
import io.shardguard.healthmonitor.core.ProbeResult.TimedOut;
import io.shardguard.testkit.PostgresServer;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One probe against real servers. */
class MemberProbeTest {

  private static final Duration LONG = Duration.ofSeconds(60);
  private static final ProbeTimes TIMES =
      new ProbeTimes(
          Duration.ofSeconds(1),
          Duration.ofSeconds(2),
          Duration.ofSeconds(1),
          Duration.ofSeconds(5),
          Duration.ofSeconds(60));

  @TempDir static Path secrets;
  private static MemberPair pair;

  private final Vertx vertx = Vertx.vertx();
  private final List<ProbeResult> results = new CopyOnWriteArrayList<>();

  @BeforeAll
  static void startThePair() throws IOException {
    Files.writeString(secrets.resolve("shardguard_monitor.password"), PostgresServer.PASSWORD);
    pair = MemberPair.start("probed-a", "probed-b");
  }

  @AfterAll
  static void endThePair() {
    pair.close();
  }

  @AfterEach
  void endTheProbe() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  @Test
  void aPrimaryTellsItsRoleItsTimelineAndItsStandbys() {
    MemberStatus status = firstStatus(pair.primary());
    assertThat(status.inRecovery()).isFalse();
    assertThat(status.timeline().id()).isEqualTo(1);
    assertThat(status.replayLsn()).isNull();
    assertThat(status.upstream()).isNull();
    assertThat(status.downstream("probed-b"))
        .hasValueSatisfying(row -> assertThat(row.streaming()).isTrue());
    assertThat(status.flushLsn().bytes()).isPositive();
  }

  @Test
  void aStandbyTellsFromWhomItStreams() {
    MemberStatus status = firstStatus(pair.standby());
    assertThat(status.inRecovery()).isTrue();
    assertThat(status.timeline().id()).isEqualTo(1);
    assertThat(status.upstream().host()).isEqualTo(pair.primary().host());
    assertThat(status.upstream().port()).isEqualTo(pair.primary().port());
    assertThat(status.upstream().status()).isEqualTo("streaming");
    assertThat(status.upstream().lastMessageMillis()).isNotNegative();
    assertThat(status.replayLsn()).isNotNull();
  }

  @Test
  void aPromotedStandbyTellsItsNewTimelineAtOnce() {
    try (MemberPair own = MemberPair.start("promoted-a", "promoted-b")) {
      probe(own.standby(), secrets);
      own.primary().kill();
      own.standby().promote();
      MemberStatus status = awaitStatus(s -> !s.inRecovery());
      assertThat(status.timeline().id()).isEqualTo(2);
    }
  }

  @Test
  void aKilledServerIsRefusedAtOnceAndAnswersOnceItIsBack() {
    try (PostgresServer server = prepared("killed")) {
      probe(server, secrets);
      awaitResult(Answered.class);
      server.kill();
      awaitResult(Broken.class);
      awaitResult(Refused.class);
      results.clear();
      server.start();
      awaitResult(Answered.class);
    }
  }

  @Test
  void aFrozenServerIsSilentAndAnswersOnceThawed() throws IOException {
    try (PostgresServer server = prepared("frozen")) {
      probe(server, secrets);
      awaitResult(Answered.class);
      server.freeze();
      awaitResult(TimedOut.class);
      await()
          .atMost(LONG)
          .until(() -> results.stream().filter(TimedOut.class::isInstance).count() >= 2);
      assertThat(results).noneMatch(Refused.class::isInstance);
      results.clear();
      server.thaw();
      awaitResult(Answered.class);
    }
  }

  @Test
  void aFrozenPostmasterWithALivingSessionAcceptsNoNewSession() {
    try (PostgresServer server = prepared("half-frozen")) {
      probe(server, secrets);
      awaitResult(Answered.class);
      server.freezePostmaster();
      await().atMost(LONG).until(() -> results.stream().anyMatch(MemberProbeTest::notAccepted));
      results.clear();
      awaitResult(Answered.class);
    }
  }

  @Test
  void aServerThatIsNotReadyIsHeardAsStarting() {
    try (PostgresServer server = prepared("cold");
        PostgresServer replica = server.standby("cold-b").start()) {
      replica.stop();
      setHotStandbyOff(replica);
      Thread start = Thread.ofVirtual().start(() -> startInVain(replica));
      probe(replica, secrets);
      assertThat(awaitResult(Rejected.class).sqlState()).isEqualTo("57P03");
      replica.kill();
      start.interrupt();
    }
  }

  @Test
  void aWrongPasswordIsASignOfLifeAndNoRefusal(@TempDir Path others) throws IOException {
    Files.writeString(others.resolve("shardguard_monitor.password"), "wrong");
    probe(pair.primary(), others);
    assertThat(awaitResult(Rejected.class).sqlState()).isEqualTo("28P01");
    Files.writeString(others.resolve("shardguard_monitor.password"), PostgresServer.PASSWORD);
    awaitResult(Answered.class);
  }

  private static boolean notAccepted(ProbeResult result) {
    return result instanceof NewSession session && session.outcome() == Outcome.NOT_ACCEPTED;
  }

  private static PostgresServer prepared(String name) {
    PostgresServer server = PostgresServer.start(name);
    MemberPair.prepare(server);
    return server;
  }

  private static void setHotStandbyOff(PostgresServer server) {
    try {
      Files.writeString(
          server.configFile(), Files.readString(server.configFile()) + "hot_standby = 'off'\n");
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static void startInVain(PostgresServer server) {
    try {
      server.start();
    } catch (RuntimeException expected) {
      // it never answers SQL
    }
  }

  private void probe(PostgresServer server, Path passwords) {
    Logins logins = new Logins("shardguard_monitor", "citus", passwords);
    Context loop = vertx.getOrCreateContext();
    MemberProbe probe =
        new MemberProbe(
            vertx,
            Clock.systemUTC(),
            MemberPair.address(server),
            logins,
            TIMES,
            (result, took) -> results.add(result));
    loop.runOnContext(v -> vertx.setPeriodic(100, t -> probe.tick()));
  }

  private MemberStatus firstStatus(PostgresServer server) {
    probe(server, secrets);
    return awaitStatus(s -> true);
  }

  private MemberStatus awaitStatus(java.util.function.Predicate<MemberStatus> which) {
    return await()
        .atMost(LONG)
        .until(
            () ->
                results.stream()
                    .filter(Answered.class::isInstance)
                    .map(r -> ((Answered) r).status())
                    .filter(which)
                    .findFirst(),
            java.util.Optional::isPresent)
        .orElseThrow();
  }

  private <T extends ProbeResult> T awaitResult(Class<T> type) {
    await().atMost(LONG).until(() -> results.stream().anyMatch(type::isInstance));
    return type.cast(results.stream().filter(type::isInstance).findFirst().orElseThrow());
  }
}
