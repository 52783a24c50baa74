package io.shardguard.cli.local;

import io.shardguard.cli.Failure;
import io.shardguard.cli.local.Installation.EngineChoice;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Four members a, b, c, d in namespaces, each a server that writes down the datagrams that it hears
 * and gives every line of a connection back.
 */
public final class TestNetwork implements AutoCloseable {

  /** Every member's port. */
  public static final int PORT = 9000;

  private static final long PATIENCE_SECONDS = 60;

  private static final String SERVER =
      """
      import socket, sys, threading
      datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
      datagrams.bind(('', %1$d))
      listener = socket.create_server(('', %1$d))
      def hear():
          while True:
              data, sender = datagrams.recvfrom(65536)
              print(sender[0], data.decode(), flush=True)
      def serve(connection):
          for line in connection.makefile('rb'):
              connection.sendall(line)
      threading.Thread(target=hear, daemon=True).start()
      print('ready', flush=True)
      while True:
          threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
      """
          .formatted(PORT);

  /** What the packet filter takes away, the sender may be told of. */
  private static final String SENDER =
      """
      import socket, sys
      try:
          socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(sys.argv[2].encode(), (sys.argv[1], %d))
      except PermissionError:
          pass
      """
          .formatted(PORT);

  private final Path directory;
  private final NetworkNamespaces namespaces;
  private final List<Process> servers = new ArrayList<>();

  private TestNetwork(Path directory, NetworkNamespaces namespaces) {
    this.directory = directory;
    this.namespaces = namespaces;
  }

  /** Whether this machine lets the caller make one. */
  public static boolean possible() {
    try {
      NetworkChecks.tools();
      NetworkChecks.kernel(RunUser.choose());
      return Files.isExecutable(Path.of(NetworkNamespaces.PYTHON));
    } catch (Failure e) {
      return false;
    }
  }

  /** An installation with members in namespaces, none of which are made yet. */
  static Installation installation(Path directory) throws IOException {
    StateDirectory state = new StateDirectory(directory);
    Files.createDirectories(state.root());
    Files.writeString(
        state.clusterFile(),
        "cluster: demo\ngroups:\n  - {group: 0, members: [a, b]}\n  - {group: 1, members: [c, d]}\n");
    return new Installation(
        state,
        "demo",
        7400,
        FreeNetwork.choose(state),
        EngineChoice.AUTO,
        1,
        RunUser.choose().name(),
        "/usr/lib/postgresql/15/bin");
  }

  /** Makes the namespaces and starts the servers. */
  public static TestNetwork make(Path directory) throws IOException {
    NetworkNamespaces namespaces = NetworkNamespaces.of(installation(directory)).orElseThrow();
    TestNetwork network = new TestNetwork(directory, namespaces);
    try {
      namespaces.make(RunUser.choose());
      for (String member : namespaces.members()) {
        network.serve(member);
      }
      return network;
    } catch (IOException | RuntimeException e) {
      network.close();
      throw e;
    }
  }

  public NetworkNamespaces namespaces() {
    return namespaces;
  }

  public String address(String member) {
    return namespaces.address(member);
  }

  /** One datagram from a member to another. */
  public void send(String from, String to, String message) {
    Command.Result result =
        namespaces.inside(
            from, List.of(NetworkNamespaces.PYTHON, "-c", SENDER, address(to), message));
    if (!result.ok()) {
      throw new IllegalStateException(result.output());
    }
  }

  /** One datagram from where control plane and clients are. */
  public void sendFromMachine(String to, String message) {
    byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.send(
          new DatagramPacket(bytes, bytes.length, new InetSocketAddress(address(to), PORT)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What a member's server wrote down: senders and messages. */
  public String heardBy(String member) {
    try {
      return Files.readString(heard(member));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits until a member has heard this. */
  public void awaitAt(String member, String line) {
    until(() -> heardBy(member).contains(line));
  }

  /** A connection from where clients are. */
  public Socket connect(String member) throws IOException {
    Socket socket = new Socket();
    socket.connect(new InetSocketAddress(address(member), PORT), (int) PATIENCE_SECONDS * 1000);
    socket.setSoTimeout((int) PATIENCE_SECONDS * 1000);
    return socket;
  }

  public static String ask(Socket connection, String line) throws IOException {
    say(connection, line);
    return answer(connection);
  }

  public static void say(Socket connection, String line) throws IOException {
    connection.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
  }

  public static String answer(Socket connection) throws IOException {
    return new BufferedReader(
            new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8))
        .readLine();
  }

  /** How many processes of a member's network are not its server. */
  public long delaying(String member) {
    return namespaces.processes(member).stream()
        .filter(process -> servers.stream().noneMatch(server -> server.pid() == process.pid()))
        .count();
  }

  /** Waits for a condition. */
  public static void until(BooleanSupplier condition) {
    long giveUpAt = System.nanoTime() + PATIENCE_SECONDS * 1_000_000_000L;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > giveUpAt) {
        throw new AssertionError("not so within " + PATIENCE_SECONDS + " s");
      }
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }
  }

  @Override
  public void close() {
    servers.forEach(Process::destroyForcibly);
    namespaces.remove();
  }

  private void serve(String member) throws IOException {
    servers.add(
        new ProcessBuilder(
                "nsenter",
                "--net=/run/netns/" + namespaces.name(member),
                "--",
                NetworkNamespaces.PYTHON,
                "-c",
                SERVER)
            .redirectErrorStream(true)
            .redirectOutput(heard(member).toFile())
            .start());
    awaitAt(member, "ready");
  }

  private Path heard(String member) {
    return directory.resolve(member + ".heard");
  }
}
