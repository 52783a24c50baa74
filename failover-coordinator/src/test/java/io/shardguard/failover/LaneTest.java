package io.shardguard.failover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.shardguard.events.MemberAddress;
import io.shardguard.failover.core.Action;
import io.shardguard.postgres.PgSession;
import io.shardguard.testkit.PostgresServer;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LaneTest {

  private static final Duration GENEROUS = Duration.ofSeconds(60);

  @TempDir Path secrets;
  private final Vertx vertx = Vertx.vertx();
  private PostgresServer server;

  @BeforeEach
  void start() throws Exception {
    server = PostgresServer.start("w-a");
    Files.writeString(secrets.resolve("postgres.password"), PostgresServer.PASSWORD);
  }

  @AfterEach
  void stop() {
    server.close();
    vertx.close();
  }

  @Test
  void aSuccessorEndsItsPredecessorsSessionsBeforeItHasOneOfItsOwn() {
    try (Lane before = lane(Action.Lane.CONTROL, "first");
        Lane after = lane(Action.Lane.CONTROL, "second")) {
      PgSession old = session(before);

      session(after);

      await().atMost(GENEROUS).until(() -> !old.isOpen());
      assertThat(sessions()).isEqualTo("1");
    }
  }

  @Test
  void theLanesOfOneOwnerLeaveEachOtherAlone() {
    try (Lane control = lane(Action.Lane.CONTROL, "own");
        Lane metadata = lane(Action.Lane.METADATA, "own")) {
      PgSession first = session(control);
      PgSession second = session(metadata);

      assertThat(first.isOpen()).isTrue();
      assertThat(second.isOpen()).isTrue();
      assertThat(sessions()).isEqualTo("2");
    }
  }

  @Test
  void aSessionThatWasGivenUpOnAServerThatHungIsEndedBeforeTheNextIsUsed() {
    try (Lane lane = lane(Action.Lane.CONTROL, "own")) {
      PgSession given = session(lane);
      server.freeze();
      try {
        given.query("SELECT 1", Duration.ofMillis(200));
        await().atMost(GENEROUS).until(() -> !given.isOpen());
      } finally {
        server.thaw();
      }

      await()
          .atMost(GENEROUS)
          .until(() -> {
            lane.keepOpen();
            return lane.session().isPresent();
          });
      assertThat(sessions()).isEqualTo("1");
    }
  }

  private PgSession session(Lane lane) {
    lane.keepOpen();
    await().atMost(GENEROUS).until(() -> lane.session().isPresent());
    return lane.session().orElseThrow();
  }

  private Lane lane(Action.Lane kind, String generation) {
    MemberAddress address = new MemberAddress("w-a", server.host(), server.port());
    return new Lane(vertx, address, kind, Configs.generous(secrets), generation);
  }

  private String sessions() {
    return server.value(
        "postgres",
        "SELECT count(*) FROM pg_stat_activity"
            + " WHERE application_name LIKE 'shardguard-failover-coordinator/%'");
  }
}
