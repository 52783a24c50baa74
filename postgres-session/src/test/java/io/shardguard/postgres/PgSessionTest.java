package io.shardguard.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shardguard.postgres.SessionException.Kind;
import io.shardguard.testkit.FreePorts;
import io.shardguard.testkit.PostgresServer;
import io.vertx.core.Vertx;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.management.ObjectName;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PgSessionTest {

  private static final Duration GENEROUS = Duration.ofSeconds(30);
  private static final Duration SHORT = Duration.ofMillis(300);

  private static Vertx vertx;
  private static PostgresServer server;

  @BeforeAll
  static void start() {
    vertx = Vertx.vertx();
    server = PostgresServer.start("a");
  }

  @AfterAll
  static void stop() {
    server.close();
    vertx.close();
  }

  @Test
  void aStatementThatTheServerRejectsHadNoEffect() throws Exception {
    try (PgSession session = open(GENEROUS)) {
      assertThatThrownBy(() -> PgSession.await(session.query("SELECT 1/0", GENEROUS)))
          .isInstanceOfSatisfying(
              SessionException.class,
              e -> {
                assertThat(e.kind()).isEqualTo(Kind.FAILED);
                assertThat(e.sqlState()).isEqualTo("22012");
                assertThat(e.effectUnknown()).isFalse();
              });
      assertThat(
              PgSession.await(session.query("SELECT 7", GENEROUS)).iterator().next().getInteger(0))
          .isEqualTo(7);
    }
  }

  @Test
  void aSessionThatEndedIsNotHeldInMemory() throws Exception {
    int sessions = 60;
    for (int i = 0; i < sessions; i++) {
      open(GENEROUS).close();
      PgSession ended = open(GENEROUS);
      CountDownLatch seen = new CountDownLatch(1);
      ended.onClose(seen::countDown);
      assertThatThrownBy(() ->
              PgSession.await(ended.query("SELECT pg_terminate_backend(pg_backend_pid())", SHORT)))
          .isInstanceOf(SessionException.class);
      assertThat(seen.await(30, TimeUnit.SECONDS)).isTrue();
    }

    Awaitility.await()
        .atMost(GENEROUS)
        .until(() -> instancesOf("io.vertx.pgclient.impl.PgConnectionFactory") < sessions / 2);
  }

  private static long instancesOf(String type) throws Exception {
    String histogram =
        (String)
            ManagementFactory.getPlatformMBeanServer()
                .invoke(
                    new ObjectName("com.sun.management:type=DiagnosticCommand"),
                    "gcClassHistogram",
                    new Object[] {new String[0]},
                    new String[] {String[].class.getName()});
    return histogram
        .lines()
        .filter(line -> line.contains(" " + type))
        .mapToLong(line -> Long.parseLong(line.strip().split("\\s+")[1]))
        .sum();
  }

  @Test
  void aClosedPortRefuses() {
    assertThatThrownBy(() ->
            PgSession.await(
                PgSession.open(vertx, "127.0.0.1", FreePorts.on("127.0.0.1"), login(), GENEROUS)))
        .isInstanceOfSatisfying(
            SessionException.class, e -> assertThat(e.kind()).isEqualTo(Kind.REFUSED));
  }

  @Test
  void aWrongPasswordIsSaidWithTheServersState() {
    Login wrong = new Login("postgres", "wrong", "postgres", "test");
    assertThatThrownBy(() ->
            PgSession.await(PgSession.open(vertx, server.host(), server.port(), wrong, GENEROUS)))
        .isInstanceOfSatisfying(
            SessionException.class, e -> assertThat(e.sqlState()).isEqualTo("28P01"));
  }

  @Test
  void aServerThatHangsIsLeftInTime() throws Exception {
    CountDownLatch ended = new CountDownLatch(1);
    PgSession session = open(GENEROUS);
    session.onClose(ended::countDown);
    server.freeze();
    try {
      assertThatThrownBy(() -> PgSession.await(session.query("SELECT 1", SHORT)))
          .isInstanceOfSatisfying(
              SessionException.class, e -> assertThat(e.effectUnknown()).isTrue());
      assertThat(ended.await(30, TimeUnit.SECONDS))
          .as("dropped without the server's help")
          .isTrue();
      assertThat(session.isOpen()).isFalse();
      assertThatThrownBy(() -> open(SHORT))
          .isInstanceOfSatisfying(
              SessionException.class, e -> assertThat(e.kind()).isEqualTo(Kind.TIMED_OUT));
    } finally {
      server.thaw();
    }
  }

  @Test
  void closingTwiceIsClosing() throws Exception {
    PgSession session = open(GENEROUS);
    session.close();
    session.close();
    assertThat(session.isOpen()).isFalse();
  }

  private static PgSession open(Duration deadline) throws Exception {
    return PgSession.await(PgSession.open(vertx, server.host(), server.port(), login(), deadline));
  }

  private static Login login() {
    return new Login("postgres", PostgresServer.PASSWORD, "postgres", "test");
  }
}
