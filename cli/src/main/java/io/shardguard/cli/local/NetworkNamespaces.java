package io.shardguard.cli.local;

import io.shardguard.cli.Failure;
import io.shardguard.cli.local.Installation.NetworkChoice;
import io.shardguard.clusterspec.MemberNetwork;
import io.shardguard.events.MemberAddress;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A cluster's network namespaces: one for each member, and one that holds the bridge between them
 * and the rest of this machine, out of reach of the machine's own packet filter. The members'
 * belong to user namespaces of the cluster's user, so that the provisioner may enter them without
 * being root. All names carry the state directory's identity. Root only.
 */
public final class NetworkNamespaces implements MemberNetworks {

  /** A member's one link to the others. */
  public static final String INTERFACE = "eth0";

  /** Debian's own, which supervisor brings along. */
  public static final String PYTHON = "/usr/bin/python3";

  private static final Duration CALL = Duration.ofSeconds(60);
  private static final Path NAMED = Path.of("/run/netns");
  private static final Path OURS = Path.of("/run/shardguard");
  private static final String BRIDGE = "br0";
  private static final String UPLINK = "machine";

  private final StateDirectory state;
  private final MemberNetwork network;
  private final Installation installation;
  private final String id;

  private NetworkNamespaces(Installation installation) {
    this.installation = installation;
    this.state = installation.state();
    this.network = installation.network();
    this.id = id(state);
  }

  /** Those of an installation; empty if its members live on loopback addresses. */
  public static Optional<NetworkNamespaces> of(Installation installation) {
    return !installation.docker() && installation.networkChoice() == NetworkChoice.NAMESPACES
        ? Optional.of(new NetworkNamespaces(installation))
        : Optional.empty();
  }

  /**
   * What tells a cluster's namespaces and links from all others on this machine, also after its
   * state directory was lost. Short: it is a link's name too.
   */
  static String id(StateDirectory state) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(state.root().toString().getBytes(StandardCharsets.UTF_8));
      return "sg" + HexFormat.of().formatHex(hash, 0, 4);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** For the provisioner: {@code <member>.user} and {@code <member>.net} for each member. */
  public Path directory() {
    return OURS.resolve(id);
  }

  /** Where the members' addresses are from. */
  public MemberNetwork network() {
    return network;
  }

  /** The name of a member's network namespace, for {@code ip netns}. */
  public String name(String member) {
    return id + "-" + member;
  }

  @Override
  public List<String> members() {
    return installation.spec().members().map(MemberAddress::name).toList();
  }

  @Override
  public String address(String member) {
    return MemberNetworks.address(installation, member);
  }

  @Override
  public String observers() {
    return network.machine();
  }

  @Override
  public boolean isThere(String member) {
    return true;
  }

  @Override
  public Command.Result inside(String member, List<String> command) {
    List<String> whole =
        new ArrayList<>(List.of("nsenter", "--net=" + NAMED.resolve(name(member)), "--"));
    whole.addAll(command);
    return Command.run(CALL, whole);
  }

  @Override
  public List<ProcessHandle> processes(String member) {
    return processesIn(name(member));
  }

  /** Makes what is missing; what is there stays, and members that run in it run on. */
  public void make(RunUser user) {
    makeBridge();
    installation.spec().members().forEach(member -> makeMember(member, user));
  }

  /** Ends what runs in the namespaces, and removes them with everything in them. */
  public void remove() {
    List<String> names = namesOfOurs();
    names.forEach(name -> processesIn(name).forEach(ProcessHandle::destroyForcibly));
    if (exists("ip link show " + id)) {
      must("ip link del " + id);
    }
    names.forEach(name -> must("ip netns del " + name));
    for (Path file : entries(directory())) {
      if (isNamespace(file)) {
        must("umount " + file);
      }
      delete(file);
    }
    delete(directory());
    if (entries(OURS).isEmpty()) {
      delete(OURS);
    }
  }

  private void makeBridge() {
    if (!isNamespace(NAMED.resolve(id))) {
      forget(id);
      must("ip netns add " + id);
    }
    if (!exists("ip -n " + id + " link show " + BRIDGE)) {
      must("ip -n " + id + " link add " + BRIDGE + " type bridge stp_state 0 forward_delay 0");
    }
    must("ip -n " + id + " link set " + BRIDGE + " up");
    if (!exists("ip link show " + id) || !exists("ip -n " + id + " link show " + UPLINK)) {
      if (exists("ip link show " + id)) {
        must("ip link del " + id);
      }
      must("ip link add " + id + " type veth peer name " + UPLINK + " netns " + id);
    }
    must("ip addr replace " + network.machine() + "/" + network.bits() + " dev " + id);
    must("ip link set " + id + " up");
    must("ip -n " + id + " link set " + UPLINK + " master " + BRIDGE + " up");
  }

  private void makeMember(MemberAddress member, RunUser user) {
    String name = name(member.name());
    Path userNamespace = directory().resolve(member.name() + ".user");
    if (!isNamespace(NAMED.resolve(name)) || !isNamespace(userNamespace)) {
      forget(name);
      makeNamespaces(name, userNamespace, user);
      link(directory().resolve(member.name() + ".net"), NAMED.resolve(name));
    }
    if (!exists("ip -n " + name + " link show " + INTERFACE)) {
      String port = port(member);
      if (exists("ip -n " + id + " link show " + port)) {
        must("ip -n " + id + " link del " + port);
      }
      must(
          "ip -n "
              + name
              + " link add "
              + INTERFACE
              + " type veth peer name "
              + port
              + " netns "
              + id);
    }
    must("ip -n " + id + " link set " + port(member) + " master " + BRIDGE + " up");
    must("ip -n " + name + " link set lo up");
    must(
        "ip -n "
            + name
            + " addr replace "
            + member.host()
            + "/"
            + network.bits()
            + " dev "
            + INTERFACE);
    must("ip -n " + name + " link set " + INTERFACE + " up");
  }

  /** The bridge's side of a member's link, named by the end of its address. */
  private static String port(MemberAddress member) {
    String[] numbers = member.host().split("\\.");
    return "m" + numbers[2] + "-" + numbers[3];
  }

  /** Both at once by a process of the user, which lives until they have names. */
  private void makeNamespaces(String name, Path userNamespace, RunUser user) {
    List<String> command =
        user.as(
            List.of(
                "unshare",
                "--user",
                "--map-current-user",
                "--net",
                "sh",
                "-c",
                "echo made; exec cat"));
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      try (BufferedReader said =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
        String first = said.readLine();
        if (!"made".equals(first)) {
          throw Failure.failed(
              "The network namespace " + name + " cannot be made: " + first,
              "Leave --network out where user namespaces are not allowed.");
        }
        must("ip netns attach " + name + " " + process.pid());
        Files.createDirectories(directory());
        Files.createFile(userNamespace);
        must("mount --bind /proc/" + process.pid() + "/ns/user " + userNamespace);
      } finally {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the network namespace " + name + " cannot be made", e);
    }
  }

  /** Removes what is left of half a pair of namespaces. */
  private void forget(String name) {
    if (Files.exists(NAMED.resolve(name))) {
      processesIn(name).forEach(ProcessHandle::destroyForcibly);
      must("ip netns del " + name);
    }
    if (!name.equals(id)) {
      String member = name.substring(id.length() + 1);
      Path userNamespace = directory().resolve(member + ".user");
      if (isNamespace(userNamespace)) {
        must("umount " + userNamespace);
      }
      delete(userNamespace);
      delete(directory().resolve(member + ".net"));
    }
  }

  private List<String> namesOfOurs() {
    return entries(NAMED).stream()
        .map(path -> path.getFileName().toString())
        .filter(name -> name.equals(id) || name.startsWith(id + "-"))
        .toList();
  }

  private static List<ProcessHandle> processesIn(String name) {
    if (!isNamespace(NAMED.resolve(name))) {
      return List.of();
    }
    return must("ip netns pids " + name)
        .lines()
        .map(String::strip)
        .filter(line -> line.matches("\\d+"))
        .flatMap(pid -> ProcessHandle.of(Long.parseLong(pid)).stream())
        .toList();
  }

  private static List<Path> entries(Path directory) {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(directory + " cannot be read", e);
    }
  }

  /** A namespace is mounted there: the file alone may be what a crash left. */
  private static boolean isNamespace(Path file) {
    try {
      return Files.exists(file) && Files.getFileStore(file).type().equals("nsfs");
    } catch (IOException gone) {
      return false;
    }
  }

  private static void link(Path link, Path target) {
    try {
      Files.createSymbolicLink(link, target);
    } catch (IOException e) {
      throw new UncheckedIOException(link + " cannot be made", e);
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (FileSystemException e) {
      throw Failure.failed(
          file + " cannot be removed (" + e.getReason() + ").", "Call this again as root.");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean exists(String question) {
    return Command.run(CALL, List.of(question.split(" "))).ok();
  }

  private static String must(String command) {
    Command.Result result = Command.run(CALL, List.of(command.split(" ")));
    if (!result.ok()) {
      throw Failure.failed(
          "'" + command + "' fails: " + result.output(),
          "./shardguard down removes what is there of the cluster's network; then call up again.");
    }
    return result.output();
  }
}
