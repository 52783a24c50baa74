package io.shardguard.systemtests;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The namespaces of a stack's members, and what can be done in them. Root only. */
final class ClusterNetwork {

  private static final Path NAMED = Path.of("/run/netns");

  private final Stack stack;
  private final String id;
  private final String cidr;

  private ClusterNetwork(Stack stack, String id, String cidr) {
    this.stack = stack;
    this.id = id;
    this.cidr = cidr;
  }

  /** Whether this machine lets a test have them. */
  static boolean possible() throws IOException, InterruptedException {
    return new ProcessBuilder("unshare", "--net", "true").start().waitFor() == 0
        && Stream.of("ip", "iptables", "setpriv").allMatch(ClusterNetwork::installed);
  }

  private static boolean installed(String program) {
    return Stream.of("/usr/sbin", "/sbin", "/usr/bin", "/bin")
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
  }

  /** The network of a stack that is up. */
  static ClusterNetwork of(Stack stack) throws IOException {
    Properties properties = new Properties();
    properties.load(
        new StringReader(Files.readString(stack.state().resolve("shardguard.properties"))));
    return new ClusterNetwork(
        stack,
        Path.of(properties.getProperty("shardguard.namespaces-dir")).getFileName().toString(),
        properties.getProperty("shardguard.member-network"));
  }

  /** All members' addresses. */
  String cidr() {
    return cidr;
  }

  /** The address of a member of a group. */
  String address(int group, String member) throws IOException {
    for (JsonNode each : Recorded.topology(stack, group).path("members")) {
      if (each.path("name").asText().equals(member)) {
        return each.path("host").asText();
      }
    }
    throw new IllegalArgumentException("no member " + member);
  }

  /** Drops all packets between a member and control plane, HAProxy and clients. */
  void cutFromMachine(String member) throws Exception {
    String machine = machine();
    inside(member, "iptables -w -A INPUT ! -i lo -s " + machine + " -j DROP");
    inside(member, "iptables -w -A OUTPUT ! -o lo -d " + machine + " -j DROP");
  }

  /** Drops all packets to and from a member. */
  void cutFromEverybody(String member) throws Exception {
    inside(member, "iptables -w -A INPUT ! -i lo -j DROP");
    inside(member, "iptables -w -A OUTPUT ! -o lo -j DROP");
  }

  /** Ends the cuts of a member. */
  void heal(String member) throws Exception {
    inside(member, "iptables -w -F");
  }

  /** A member's postmaster. */
  ProcessHandle postmaster(String member) throws IOException {
    Path file = stack.state().resolve("members").resolve(member).resolve("data/postmaster.pid");
    long pid = Long.parseLong(Files.readAllLines(file).getFirst().strip());
    return ProcessHandle.of(pid).orElseThrow();
  }

  /** Begins a statement on a member as its superuser, over its socket: past all that may be cut. */
  Process psql(String member, String statement) throws IOException {
    return new ProcessBuilder(
            "setpriv",
            "--reuid",
            "postgres",
            "--regid",
            "postgres",
            "--clear-groups",
            "psql",
            "-X",
            "-h",
            stack.state().resolve("members").resolve(member).resolve("run").toString(),
            "-p",
            Integer.toString(stack.portBase() + 10),
            "-U",
            "postgres",
            "-d",
            "citus",
            "-c",
            statement)
        .inheritIO()
        .start();
  }

  /** The address that control plane, HAProxy and clients come from. */
  private String machine() throws Exception {
    Process address =
        new ProcessBuilder("ip", "-4", "-o", "addr", "show", "dev", id)
            .redirectErrorStream(true)
            .start();
    String shown = new String(address.getInputStream().readAllBytes());
    if (address.waitFor() != 0) {
      throw new IllegalStateException("no address of this machine: " + shown);
    }
    return shown.replaceFirst("(?s).* inet ([0-9.]+)/.*", "$1");
  }

  private void inside(String member, String command) throws IOException, InterruptedException {
    List<String> whole =
        new ArrayList<>(List.of("nsenter", "--net=" + NAMED.resolve(id + "-" + member), "--"));
    whole.addAll(List.of(command.split(" ")));
    Process process = new ProcessBuilder(whole).inheritIO().start();
    if (!process.waitFor(120, TimeUnit.SECONDS) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new IllegalStateException(whole + " failed");
    }
  }
}
