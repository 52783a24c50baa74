package io.shardguard.systemtests;

import io.shardguard.events.MemberAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/**
 * What somebody can do to members in network namespaces past the control plane: signals, cut links,
 * a start by hand, SQL on the spot. Root only.
 */
final class MemberHands {

  private static final long CALL_SECONDS = 120;
  private static final String DATABASE = "citus";
  private static final String ADMIN = "shardguard_failover";

  private final Stack stack;
  private final Properties properties;
  private final List<MemberAddress> addresses;

  MemberHands(Stack stack, Properties properties, List<MemberAddress> addresses) {
    this.stack = stack;
    this.properties = properties;
    this.addresses = addresses;
  }

  /** How a program ended, and what it said. */
  record Ended(int exitCode, String output) {}

  MemberAddress address(String member) {
    return addresses.stream().filter(each -> each.name().equals(member)).findFirst().orElseThrow();
  }

  /** The address that control plane, HAProxy and clients come from. */
  String observers() {
    String network = properties.getProperty("shardguard.member-network");
    return network.replaceFirst("\\.0\\.0/\\d+$", ".0.1");
  }

  List<String> others(String member) {
    return addresses.stream().map(MemberAddress::name).filter(n -> !n.equals(member)).toList();
  }

  /** Stops all processes; the postmaster's newest children too. */
  void freeze(String member) throws Exception {
    signal("STOP", processes(member));
    signal("STOP", processes(member));
  }

  void thaw(String member) throws Exception {
    signal("CONT", processes(member));
  }

  /** Ends all processes at once; returns when none of them is left. */
  void kill(String member) throws Exception {
    freeze(member);
    List<Long> all = processes(member);
    signal("KILL", all);
    Awaitility.await()
        .atMost(Duration.ofSeconds(CALL_SECONDS))
        .until(() -> processes(member).stream().noneMatch(all::contains));
  }

  /**
   * Starts it as it is, past the provisioner: without standby.signal it becomes a primary. Only
   * where no process of it is left: its locks are removed.
   *
   * @return what the server says
   */
  Path startByHand(String member, Path passwordFile) throws Exception {
    Path home = home(member);
    Path log = home.resolve("log/by-hand.log");
    Files.deleteIfExists(home.resolve("data/postmaster.pid"));
    try (var locks = Files.newDirectoryStream(home.resolve("run"), ".s.PGSQL.*")) {
      for (Path lock : locks) {
        Files.delete(lock);
      }
    }
    Path namespaces = Path.of(properties.getProperty("shardguard.namespaces-dir"));
    List<String> command =
        asServerUser(
            "nsenter",
            "--user=" + namespaces.resolve(member + ".user"),
            "--net=" + namespaces.resolve(member + ".net"),
            "--preserve-credentials",
            "--",
            "setsid",
            program("postgres"),
            "-D",
            home.resolve("data").toString(),
            "-c",
            "config_file=" + home.resolve("conf/postgresql.conf"));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().put("PGPASSFILE", passwordFile.toString());
    builder.start();
    return log;
  }

  /** libpq's password file in the environment of the member's processes. */
  Path passwordFile(String member) throws IOException {
    Path environment = Path.of("/proc", Long.toString(postmaster(member)), "environ");
    return Arrays.stream(Files.readString(environment, StandardCharsets.ISO_8859_1).split("\0"))
        .filter(entry -> entry.startsWith("PGPASSFILE="))
        .map(entry -> Path.of(entry.substring("PGPASSFILE=".length())))
        .findFirst()
        .orElseThrow();
  }

  /** No packet passes between the member and these addresses. */
  void cut(String member, List<String> hosts) throws Exception {
    for (String host : hosts) {
      inside(member, "iptables", "-w", "-A", "INPUT", "-s", host, "-j", "DROP");
      inside(member, "iptables", "-w", "-A", "OUTPUT", "-d", host, "-j", "DROP");
    }
  }

  void mend(String member) throws Exception {
    inside(member, "iptables", "-w", "-F");
  }

  /** Takes away what makes the member refuse others. */
  void letEverybodyIn(String member) throws Exception {
    Path hba = home(member).resolve("conf/pg_hba.conf");
    List<String> kept =
        Files.readAllLines(hba).stream().filter(line -> !line.contains(" reject ")).toList();
    Files.write(hba, kept);
    sql(member, "SELECT pg_reload_conf()");
  }

  /** As the superuser, over the member's socket; the answer alone. */
  String sql(String member, String statement) throws Exception {
    Ended ended = trySql(member, statement);
    if (ended.exitCode() != 0) {
      throw new IllegalStateException(member + ": " + statement + ": " + ended.output());
    }
    return ended.output();
  }

  Ended trySql(String member, String statement) throws Exception {
    return end(startSql(member, statement));
  }

  /** The same, without waiting for its end. */
  Process startSql(String member, String statement) throws IOException {
    return start(asServerUser(superuserPsql(member, statement)));
  }

  private String[] superuserPsql(String member, String statement) {
    return new String[] {
      program("psql"),
      "-XAtq",
      "-h",
      home(member).resolve("run").toString(),
      "-p",
      Integer.toString(address(member).port()),
      "-U",
      "postgres",
      "-d",
      DATABASE,
      "-c",
      statement
    };
  }

  /**
   * A session of the application on the member itself, which reaches it also when it is cut off;
   * one statement after the other, whatever comes of them.
   *
   * @param name the session's application_name
   */
  Process appSession(String member, String name, List<String> statements) throws IOException {
    MemberAddress address = address(member);
    String login =
        "host=%s port=%d user=app dbname=%s password=%s application_name=%s"
            .formatted(address.host(), address.port(), DATABASE, stack.secret("app"), name);
    List<String> command =
        new ArrayList<>(
            List.of(
                "nsenter",
                "--net=" + namespace(member),
                "--",
                program("psql"),
                "-XAt",
                "-d",
                login));
    statements.forEach(statement -> command.addAll(List.of("-c", statement)));
    return start(command);
  }

  /** Statements of the application; the exit code is the last one's. */
  Ended asApp(String member, String... statements) throws Exception {
    return end(appSession(member, "test", List.of(statements)));
  }

  /** A session of the control plane's superuser, over the network. */
  Connection admin(String member) throws SQLException, IOException {
    MemberAddress address = address(member);
    String url =
        "jdbc:postgresql://%s:%d/%s?loginTimeout=30"
            .formatted(address.host(), address.port(), DATABASE);
    return DriverManager.getConnection(url, ADMIN, stack.secret(ADMIN));
  }

  /** Waits for the program's end, but not for ever. */
  static Ended end(Process process) throws Exception {
    CompletableFuture<byte[]> output =
        CompletableFuture.supplyAsync(() -> {
          try {
            return process.getInputStream().readAllBytes();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    boolean ended = process.waitFor(CALL_SECONDS, TimeUnit.SECONDS);
    if (!ended) {
      process.destroyForcibly();
    }
    String said = new String(output.get(CALL_SECONDS, TimeUnit.SECONDS), StandardCharsets.UTF_8);
    if (!ended) {
      throw new IllegalStateException("no end: " + said);
    }
    return new Ended(process.exitValue(), said.strip());
  }

  private void inside(String member, String... command) throws Exception {
    List<String> whole = new ArrayList<>(List.of("nsenter", "--net=" + namespace(member), "--"));
    whole.addAll(List.of(command));
    Ended ended = end(start(whole));
    if (ended.exitCode() != 0) {
      throw new IllegalStateException(whole + ": " + ended.output());
    }
  }

  private Path namespace(String member) {
    Path directory = Path.of(properties.getProperty("shardguard.namespaces-dir"));
    return Path.of("/run/netns", directory.getFileName() + "-" + member);
  }

  private String program(String name) {
    return Path.of(properties.getProperty("shardguard.postgres-bin"), name).toString();
  }

  private Path home(String member) {
    return stack.state().resolve("members").resolve(member);
  }

  private long postmaster(String member) throws IOException {
    Path lock = home(member).resolve("data/postmaster.pid");
    return Long.parseLong(Files.readAllLines(lock).getFirst().strip());
  }

  private List<Long> processes(String member) {
    Path data = home(member).resolve("data");
    return stack.processesIn(data);
  }

  static void signal(String name, List<Long> pids) throws Exception {
    if (pids.isEmpty()) {
      return;
    }
    List<String> command = new ArrayList<>(List.of("kill", "-" + name));
    pids.forEach(pid -> command.add(Long.toString(pid)));
    end(start(command));
  }

  private static List<String> asServerUser(String... command) {
    List<String> whole =
        new ArrayList<>(
            List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"));
    whole.addAll(List.of(command));
    return whole;
  }

  private static Process start(List<String> command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    return process;
  }
}
