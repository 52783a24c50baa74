package io.shardguard.systemtests;

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

  /** A member's address. */
  String address(String member) throws Exception {
    for (var group : stack.run("status", "--json").json().path("groups")) {
      for (var each : group.path("members")) {
        if (each.path("member").asText().equals(member)) {
          return each.path("address").asText().replaceFirst(":.*", "");
        }
      }
    }
    throw new IllegalArgumentException("no member " + member);
  }

  /** Drops all packets between a member and control plane, HAProxy and clients. */
  void cutFromMachine(String member) throws Exception {
    String machine = machine(member);
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

  /** The address on the same network that is nobody's among the members. */
  private String machine(String member) throws Exception {
    Process route =
        new ProcessBuilder("ip", "-4", "-o", "addr", "show", "dev", id)
            .redirectErrorStream(true)
            .start();
    String shown = new String(route.getInputStream().readAllBytes());
    if (route.waitFor() != 0) {
      throw new IllegalStateException("no address of " + member + "'s machine: " + shown);
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
