package io.shardguard.cli.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.shardguard.cli.ExitCodes;
import io.shardguard.cli.Failure;
import io.shardguard.clusterspec.ClusterSpec;
import io.shardguard.clusterspec.GroupSpec;
import io.shardguard.events.MemberAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class NetworkNamespacesTest {

  @TempDir private Path directory;
  private NetworkNamespaces namespaces;

  @BeforeEach
  void installation() throws IOException {
    assumeTrue(TestNetwork.possible(), "SKIPPED: network namespaces need root, ip and iptables");
    namespaces =
        NetworkNamespaces.of(TestNetwork.installation(directory.resolve("one"))).orElseThrow();
  }

  @AfterEach
  void remove() {
    if (namespaces != null) {
      namespaces.remove();
    }
  }

  @Test
  void membersReachEachOtherAndTheMachineButNothingBeyond() {
    namespaces.make(RunUser.choose());
    reaches("a", namespaces.address("d"));
    reaches("a", namespaces.observers());
    assertThat(run("ip -n " + namespaces.name("a") + " route").output())
        .doesNotContain("default")
        .hasLineCount(1);
  }

  @Test
  void theClustersUserMayEnterAMembersNamespacesAndIsNobodyElseThere() {
    namespaces.make(RunUser.choose());
    Path own = namespaces.directory();
    Command.Result entered =
        Command.run(
            Duration.ofSeconds(30),
            RunUser.choose()
                .as(
                    List.of(
                        "nsenter",
                        "--user=" + own.resolve("a.user"),
                        "--net=" + own.resolve("a.net"),
                        "--preserve-credentials",
                        "--",
                        "sh",
                        "-c",
                        "id -un; ip -4 -o addr show eth0")));
    assertThat(entered.output())
        .startsWith(RunUser.choose().name() + "\n")
        .contains(namespaces.address("a") + "/16");
  }

  @Test
  void whatIsThereStaysWhenItIsMadeAgain() {
    namespaces.make(RunUser.choose());
    String before = identity("a");
    namespaces.make(RunUser.choose());
    assertThat(identity("a")).isEqualTo(before);
  }

  @Test
  void whatACrashLeftInHalvesIsMadeWhole() throws IOException {
    namespaces.make(RunUser.choose());
    String before = identity("d");
    must("umount " + namespaces.directory().resolve("a.user"));
    must("ip netns del " + namespaces.name("b"));
    must("ip -n " + namespaces.name("c") + " link del eth0");
    must("ip link del " + NetworkNamespaces.id(new StateDirectory(directory.resolve("one"))));
    Files.createFile(Path.of("/run/netns", namespaces.name("b")));

    namespaces.make(RunUser.choose());

    for (String member : namespaces.members()) {
      reaches(member, namespaces.observers());
      reaches("d", namespaces.address(member));
    }
    assertThat(identity("d")).isEqualTo(before);
  }

  @Test
  void nothingIsLeftAfterARemovalAndAnotherClustersStays() throws IOException {
    namespaces.make(RunUser.choose());
    NetworkNamespaces other =
        NetworkNamespaces.of(TestNetwork.installation(directory.resolve("two"))).orElseThrow();
    try {
      assertThat(other.network()).isNotEqualTo(namespaces.network());
      other.make(RunUser.choose());
      namespaces.remove();
      namespaces.remove();
      String id = NetworkNamespaces.id(new StateDirectory(directory.resolve("one")));
      assertThat(run("ip netns list").output()).doesNotContain(id);
      assertThat(run("ip link").output()).doesNotContain(id);
      assertThat(run("cat /proc/self/mounts").output()).doesNotContain(id);
      assertThat(namespaces.directory()).doesNotExist();
      reaches(other, "a", other.address("b"));
    } finally {
      other.remove();
    }
  }

  @Test
  void aHostOutsideTheMembersNetworkIsRefused() {
    ClusterSpec spec =
        new ClusterSpec(
            "demo",
            "local",
            List.of(new GroupSpec(0, List.of(new MemberAddress("a", "127.0.10.1", 7410)))),
            Map.of());
    assertThatThrownBy(() ->
            NetworkChecks.addresses(new StateDirectory(directory), spec, namespaces.network()))
        .isInstanceOfSatisfying(
            Failure.class,
            failure -> assertThat(failure.exitCode()).isEqualTo(ExitCodes.PRECONDITION))
        .hasMessageContaining("127.0.10.1")
        .hasMessageContaining("Leave the host out");
  }

  @Test
  void aNetworkThatSomethingElseUsesByNowIsRefused() throws IOException {
    namespaces.make(RunUser.choose());
    StateDirectory other = new StateDirectory(directory.resolve("two"));
    assertThatThrownBy(() -> FreeNetwork.require(namespaces.network(), other))
        .isInstanceOf(Failure.class)
        .hasMessageContaining(namespaces.network().toString());
    FreeNetwork.require(namespaces.network(), new StateDirectory(directory.resolve("one")));
  }

  private void reaches(String member, String address) {
    reaches(namespaces, member, address);
  }

  /** Being refused is an answer too. */
  private static void reaches(NetworkNamespaces from, String member, String address) {
    String program =
        """
        import socket, sys
        try:
            socket.create_connection((sys.argv[1], 9), 60)
        except ConnectionRefusedError:
            pass
        """;
    Command.Result answer =
        from.inside(member, List.of(NetworkNamespaces.PYTHON, "-c", program, address));
    assertThat(answer.ok()).as(answer.output()).isTrue();
  }

  private String identity(String member) {
    return must("stat -L -c %i /run/netns/" + namespaces.name(member));
  }

  private static Command.Result run(String command) {
    return Command.run(Duration.ofSeconds(60), List.of(command.split(" ")));
  }

  private static String must(String command) {
    Command.Result result = run(command);
    assertThat(result.ok()).as(result.output()).isTrue();
    return result.output();
  }
}
