package io.shardguard.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PostgresServerTest {

  @Test
  void aCallerCanSetAnySettingAndPasswordsAreAsked() {
    try (PostgresServer server = PostgresServer.named("alone").setting("work_mem", "7MB").start()) {
      assertThat(server.value("postgres", "SHOW work_mem")).isEqualTo("7MB");
      assertThat(
              server.value(
                  "postgres",
                  "SELECT rolpassword LIKE 'SCRAM-SHA-256$%' FROM pg_authid"
                      + " WHERE rolname = 'postgres'"))
          .isEqualTo("t");
    }
  }

  @Test
  void twoServersAreNotTakenForTheSameCluster() {
    String identifier = "SELECT system_identifier FROM pg_control_system()";
    try (PostgresServer one = PostgresServer.start("one");
        PostgresServer two = PostgresServer.start("two")) {
      assertThat(one.value("postgres", identifier)).isNotEqualTo(two.value("postgres", identifier));
    }
  }

  @Test
  void aStandbyStreamsUnderItsOwnNameAndTakesWritesOncePromoted() {
    try (PostgresServer primary = PostgresServer.start("worker-1a");
        PostgresServer standby = primary.standby("worker-1b").start()) {
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() ->
              "streaming"
                  .equals(
                      primary.value(
                          "postgres",
                          "SELECT max(state) FROM pg_stat_replication WHERE application_name = 'worker-1b'")));
      primary.execute("postgres", "CREATE TABLE t (n int)", "INSERT INTO t VALUES (1)");
      await()
          .atMost(Duration.ofSeconds(30))
          .until(
              () -> "t".equals(standby.value("postgres", "SELECT to_regclass('t') IS NOT NULL")));
      primary.kill();
      standby.promote();
      standby.execute("postgres", "INSERT INTO t VALUES (2)");
      assertThat(standby.value("postgres", "SELECT count(*) FROM t")).isEqualTo("2");
    }
  }

  @Test
  void aKilledServerLeavesNoProcessAndRecoversWhenStartedAgain() {
    try (PostgresServer server = PostgresServer.start("killed")) {
      server.execute("postgres", "CREATE TABLE t AS SELECT 1 AS n");
      Set<Long> before = server.pids();
      server.kill();
      assertThat(server.isRunning()).isFalse();
      assertThat(before).noneMatch(PostgresServerTest::isPostgres);
      server.start();
      assertThat(server.value("postgres", "SELECT n FROM t")).isEqualTo("1");
    }
  }

  @Test
  void aFrozenServerAnswersAgainOnceThawed() throws SQLException {
    try (PostgresServer server = PostgresServer.start("frozen");
        Connection connection = server.connect("postgres")) {
      server.freeze();
      assertThat(server.isRunning()).isTrue();
      assertThat(connection.isValid(1)).isFalse();
      server.thaw();
      assertThat(server.value("postgres", "SELECT 1")).isEqualTo("1");
    }
  }

  @Test
  void aStoppedServerStartsAgainOnTheSamePort() {
    try (PostgresServer server = PostgresServer.start("stopped")) {
      int port = server.port();
      server.stop();
      assertThatThrownBy(() -> server.value("postgres", "SELECT 1"))
          .hasMessageContaining("refused");
      server.start();
      assertThat(server.value("postgres", "SHOW port")).isEqualTo("" + port);
    }
  }

  @Test
  void closingRemovesTheDirectory() {
    PostgresServer server = PostgresServer.start("closed");
    Path data = server.dataDirectory();
    server.close();
    server.close();
    assertThat(Files.exists(data.getParent())).isFalse();
  }

  @Test
  void aServerThatCannotStartSaysWhyFromItsLog() {
    assertThatThrownBy(() -> PostgresServer.named("broken").setting("work_mem", "plenty").start())
        .hasMessageContaining("invalid value for parameter \"work_mem\"");
  }

  private static boolean isPostgres(long pid) {
    return ProcessHandle.of(pid)
        .flatMap(process -> process.info().command())
        .filter(command -> command.endsWith("postgres"))
        .isPresent();
  }
}
