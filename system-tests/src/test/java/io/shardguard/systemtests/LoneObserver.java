package io.shardguard.systemtests;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * An observer that can be cut off alone, in the place of a supervised one: a group id of its own
 * tells its packets from those of all others on this machine. Root only.
 */
final class LoneObserver implements AutoCloseable {

  /** Nobody's. */
  private static final String GROUP_ID = "54321";

  private final Stack stack;
  private final int number;
  private final Process process;
  private final List<String> filtered = new ArrayList<>();

  /**
   * Takes the place of a supervised observer.
   *
   * @param number from 2
   * @param settings of health-monitor, by their keys
   */
  static LoneObserver instead(Stack stack, int number, Map<String, String> settings)
      throws Exception {
    supervisor(stack, "stop", number);
    List<String> command =
        new ArrayList<>(
            List.of("setpriv", "--regid", GROUP_ID, "--clear-groups", java(), "-Xmx64m"));
    settings.forEach((key, value) -> command.add("-D" + key + "=" + value));
    command.add("-jar");
    command.add(stack.state().resolve("app/health-monitor/quarkus-run.jar").toString());
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(stack.state().resolveSibling("lone-observer.log").toFile());
    builder
        .environment()
        .putAll(
            Map.of(
                "SMALLRYE_CONFIG_LOCATIONS",
                stack.state().resolve("shardguard.properties").toString(),
                "QUARKUS_HTTP_PORT",
                Integer.toString(stack.portBase() + 32 + number),
                "SHARDGUARD_MONITOR_OBSERVER",
                "monitor-" + number));
    return new LoneObserver(stack, number, builder.start());
  }

  private LoneObserver(Stack stack, int number, Process process) {
    this.stack = stack;
    this.number = number;
    this.process = process;
  }

  /** Its name in what it writes. */
  String name() {
    return "monitor-" + number;
  }

  /**
   * Drops what it sends to an address, or to a whole network; nothing else.
   *
   * @param destination in iptables' words
   */
  void cutOffFrom(String destination) throws Exception {
    iptables("-A", destination);
    filtered.add(destination);
  }

  /** Lets it reach everybody again. */
  void heal() throws Exception {
    for (String destination : List.copyOf(filtered)) {
      iptables("-D", destination);
      filtered.remove(destination);
    }
  }

  /** Ends it, and has the supervised one back. */
  @Override
  public void close() throws Exception {
    heal();
    process.destroyForcibly().waitFor();
    supervisor(stack, "start", number);
  }

  private static void iptables(String change, String destination) throws Exception {
    must(
        List.of(
            "iptables",
            "-w",
            change,
            "OUTPUT",
            "-d",
            destination,
            "-m",
            "owner",
            "--gid-owner",
            GROUP_ID,
            "-j",
            "DROP"));
  }

  private static void supervisor(Stack stack, String order, int number) throws Exception {
    must(
        List.of(
            "supervisorctl",
            "-c",
            stack.state().resolve("supervisord.conf").toString(),
            order,
            "services:health-monitor-" + number));
  }

  private static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  private static void must(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).inheritIO().start();
    if (!process.waitFor(120, TimeUnit.SECONDS) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new IllegalStateException(command + " failed");
    }
  }
}
