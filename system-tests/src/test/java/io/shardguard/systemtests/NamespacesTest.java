package io.shardguard.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.shardguard.systemtests.Stack.Run;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A cluster whose members have network namespaces of their own. */
class NamespacesTest {

  static final String IMPOSSIBLE = "NOT RUN: network namespaces need root, ip and iptables";

  private static final Path NAMED = Path.of("/run/netns");

  @Test
  @Timeout(value = 20, unit = TimeUnit.MINUTES)
  void membersInNamespacesAreKeptFailedOverAdoptedAndGoWithoutATrace() throws Exception {
    assumeTrue(possible(), IMPOSSIBLE);
    try (Stack stack = new Stack()) {
      assertUp(stack.up("--no-data", "--network", "namespaces", "--timeout", "400"));
      String id = id(stack);
      assertThat(namespaces(id)).as("one for each member, and the bridge's").hasSize(9);
      assertEachMemberIsAloneInItsNamespace(stack);

      Run drill =
          stack.run("drill", "worker-crash", "--seconds-before", "2", "--seconds-after", "2");
      assertThat(drill.exitCode()).as(drill.output()).isZero();

      List<Long> members = postmasters(stack);
      killProvisioner(stack);
      assertUp(stack.up("--no-data"));
      assertThat(postmasters(stack)).as("adopted, not started again").isEqualTo(members);

      assertThat(stack.up("--no-data", "--network", "loopback").exitCode()).isEqualTo(3);
      assertThat(stack.run("down").exitCode()).isZero();
      assertThat(namespaces(id)).isEmpty();
      assertUp(stack.up("--no-data"));
      assertThat(namespaces(id)).hasSize(9);
      assertThat(stack.run("destroy", "--yes").exitCode()).isZero();
      assertThat(namespaces(id)).isEmpty();
    }
  }

  private static void assertUp(Run up) {
    assertThat(up.exitCode()).as(up.output()).isZero();
  }

  private static void assertEachMemberIsAloneInItsNamespace(Stack stack) throws Exception {
    Set<String> theirs = new TreeSet<>();
    for (long pid : postmasters(stack)) {
      theirs.add(Files.readSymbolicLink(Path.of("/proc", Long.toString(pid), "ns/net")).toString());
    }
    theirs.remove(Files.readSymbolicLink(Path.of("/proc/self/ns/net")).toString());
    assertThat(theirs).hasSize(8);
    for (JsonNode group : stack.run("status", "--json").json().path("groups")) {
      for (JsonNode member : group.path("members")) {
        assertThat(member.toString()).doesNotContain("127.0.");
      }
    }
  }

  private static List<Long> postmasters(Stack stack) throws IOException {
    List<Long> pids = new ArrayList<>();
    try (Stream<Path> members = Files.list(stack.state().resolve("members"))) {
      for (Path member : members.sorted().toList()) {
        String first = Files.readAllLines(member.resolve("data/postmaster.pid")).getFirst();
        pids.add(Long.parseLong(first.strip()));
      }
    }
    return pids;
  }

  private static void killProvisioner(Stack stack) throws Exception {
    String program = stack.state().resolve("app/provisioner").toString();
    ProcessHandle provisioner =
        ProcessHandle.allProcesses()
            .filter(process -> process.info().commandLine().orElse("").contains("-jar " + program))
            .findFirst()
            .orElseThrow();
    provisioner.destroyForcibly();
    provisioner.onExit().get(60, TimeUnit.SECONDS);
  }

  static boolean possible() throws Exception {
    return mayMakeNamespaces() && installed("ip") && installed("iptables");
  }

  private static boolean mayMakeNamespaces() throws Exception {
    return new ProcessBuilder("unshare", "--net", "true").start().waitFor() == 0;
  }

  private static boolean installed(String program) {
    return Stream.of("/usr/sbin", "/sbin", "/usr/bin", "/bin")
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
  }

  /** What the names of the cluster's namespaces begin with. */
  private static String id(Stack stack) throws IOException {
    Properties properties = new Properties();
    properties.load(
        new StringReader(Files.readString(stack.state().resolve("shardguard.properties"))));
    return Path.of(properties.getProperty("shardguard.namespaces-dir")).getFileName().toString();
  }

  private static List<String> namespaces(String id) throws IOException {
    try (Stream<Path> named = Files.list(NAMED)) {
      return named
          .map(path -> path.getFileName().toString())
          .filter(name -> name.startsWith(id))
          .toList();
    }
  }
}
