package io.shardguard.cli.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shardguard.cli.ExitCodes;
import io.shardguard.cli.Failure;
import io.shardguard.cli.local.Installation.EngineChoice;
import io.shardguard.clusterspec.ClusterSpec;
import io.shardguard.clusterspec.GroupSpec;
import io.shardguard.events.MemberAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChecksTest {

  @TempDir private Path directory;

  @Test
  void aDirectoryOfSomebodyElseIsRefused() throws IOException {
    Files.writeString(directory.resolve("thesis.txt"), "precious");
    refused(
        () -> Checks.stateDirectory(new StateDirectory(directory)),
        "is not empty, and was not made by",
        "--state");
  }

  @Test
  void anEmptyDirectoryAndANewOneAreFine() {
    assertThatCode(() -> Checks.stateDirectory(new StateDirectory(directory)))
        .doesNotThrowAnyException();
    assertThatCode(() -> Checks.stateDirectory(new StateDirectory(directory.resolve("a/b"))))
        .doesNotThrowAnyException();
  }

  @Test
  void aPathThatIsTooLongForSocketsIsRefused() {
    StateDirectory deep = new StateDirectory(directory.resolve("d".repeat(90)));
    refused(
        () -> Checks.pathLength(deep, spec(member("127.0.0.1", 1))),
        "too long",
        "shorter directory");
  }

  @Test
  void aPortInUseIsRefusedWithItsPurpose() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      refused(
          () ->
              Checks.addresses(
                  new StateDirectory(directory), spec(member("127.0.0.1", taken.getLocalPort()))),
          "127.0.0.1:" + taken.getLocalPort() + ", wanted for member worker-1a",
          "--port-base");
    }
  }

  @Test
  void anAddressOfAnotherMachineIsRefused() {
    refused(
        () -> Checks.addresses(new StateDirectory(directory), spec(member("192.0.2.1", 5432))),
        "192.0.2.1:5432",
        "another address");
  }

  @Test
  void dataOfAnotherPostgresVersionAreRefused() throws IOException {
    StateDirectory state = new StateDirectory(directory);
    Files.createDirectories(state.data("worker-1a"));
    Files.writeString(state.data("worker-1a").resolve("PG_VERSION"), "12\n");
    Path bin = fakePostgres("postgres (PostgreSQL) 15.20 (Debian)");
    refused(
        () -> Checks.dataVersions(state, spec(member("127.0.0.1", 1)), bin.toString()),
        "made by PostgreSQL 12",
        "postgresql-12");
  }

  @Test
  void anUnknownPostgresVersionIsRefused() throws IOException {
    Path bin = fakePostgres("postgres (PostgreSQL) 9.6.24");
    refused(
        () -> Checks.postgres(bin, EngineChoice.AUTO), "9.6.24", "apt-get install postgresql-15");
  }

  @Test
  void aMissingPostgresIsNamedWithItsPackage() {
    refused(
        () -> Checks.postgres(directory, EngineChoice.AUTO),
        directory + "/postgres is missing",
        "apt-get install postgresql-15");
  }

  @Test
  void aMissingUserIsNamedWithTheRemedy() {
    refused(
        () -> Checks.user(new RunUser("nobody-of-this-name", true)),
        "does not exist",
        "postgresql-common");
  }

  @Test
  void anotherClustersDeclarationIsRefused() {
    ClusterSpec other = new ClusterSpec("other", "local", List.of(), Map.of());
    refused(
        () -> Checks.sameMembers(spec(member("127.0.0.1", 1)), other),
        "is cluster 'demo', the declaration is of 'other'",
        "--state");
  }

  @Test
  void anExistingMemberMayNotMove() {
    refused(
        () -> Checks.sameMembers(spec(member("127.0.0.1", 1)), spec(member("127.0.0.1", 2))),
        "moves or removes the member worker-1a",
        "added only");
  }

  @Test
  void membersMayBeAdded() {
    ClusterSpec more = spec(member("127.0.0.1", 1), new MemberAddress("worker-1c", "127.0.0.3", 1));
    assertThatCode(() -> Checks.sameMembers(spec(member("127.0.0.1", 1)), more))
        .doesNotThrowAnyException();
  }

  private static void refused(ThrowingCallable check, String what, String remedy) {
    assertThatThrownBy(check)
        .isInstanceOfSatisfying(
            Failure.class,
            failure -> assertThat(failure.exitCode()).isEqualTo(ExitCodes.PRECONDITION))
        .hasMessageContaining(what)
        .hasMessageContaining(remedy);
  }

  private Path fakePostgres(String version) throws IOException {
    Path program =
        Files.writeString(directory.resolve("postgres"), "#!/bin/sh\necho '" + version + "'\n");
    assertThat(program.toFile().setExecutable(true)).isTrue();
    return directory;
  }

  private static MemberAddress member(String host, int port) {
    return new MemberAddress("worker-1a", host, port);
  }

  private static ClusterSpec spec(MemberAddress... members) {
    return new ClusterSpec("demo", "local", List.of(new GroupSpec(1, List.of(members))), Map.of());
  }
}
