package io.shardguard.cli.drill.fault;

import io.shardguard.cli.Failure;
import io.shardguard.cli.drill.fault.NetworkFault.Cut;
import io.shardguard.cli.drill.fault.NetworkFault.Delay;
import io.shardguard.cli.drill.fault.NetworkFault.Direction;
import io.shardguard.cli.drill.fault.NetworkFault.Loss;
import io.shardguard.cli.drill.fault.NetworkFault.Peer;
import io.shardguard.cli.drill.fault.NetworkFault.Slow;
import io.shardguard.cli.local.Command;
import io.shardguard.cli.local.Installation;
import io.shardguard.cli.local.MemberNetworks;
import io.shardguard.cli.local.NetworkNamespaces;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Breaks and mends the network of members that have one of their own. All of a fault is in the
 * member's namespace and is found there again: nothing is kept in this process, so that {@link
 * #heal} also mends what a drill that crashed has left. Every call may be repeated. Root only.
 */
public final class NetworkFaults {

  /** Among the arguments of the process that delays packets: it is found by this. */
  private static final String DELAY_MARK = "shardguard-delay";

  private static final int TRIES = 3;

  private final MemberNetworks networks;

  public NetworkFaults(MemberNetworks networks) {
    this.networks = networks;
  }

  /**
   * The faults of an installation.
   *
   * @throws Failure if its members have no network namespaces of their own
   */
  public static NetworkFaults of(Installation installation) {
    return new NetworkFaults(
        MemberNetworks.of(installation)
            .orElseThrow(() ->
                Failure.precondition(
                    "The members of cluster " + installation.cluster() + " share one network.",
                    "Make a cluster with ./shardguard up --network namespaces, or --docker, as root.")));
  }

  /**
   * Breaks something; what is broken already stays so.
   *
   * @throws Failure if the member has no namespace, or the rules cannot be set
   */
  public void inflict(String member, NetworkFault fault) {
    switch (fault) {
      case Cut cut -> cut(member, cut);
      case Delay delay -> delay(member, delay);
      case Loss loss -> loss(member, loss);
      case Slow slow ->
          must(
              member,
              "tc qdisc replace dev "
                  + NetworkNamespaces.INTERFACE
                  + " root tbf burst 32kb latency 400ms rate "
                  + slow.kilobits()
                  + "kbit");
    }
  }

  /**
   * Mends everything of a member's network. One that is not there needs none; one that was made
   * anew meanwhile is tried again.
   */
  public void heal(String member) {
    for (int triesLeft = TRIES; networks.isThere(member); triesLeft--) {
      try {
        mend(member);
        return;
      } catch (Failure e) {
        if (triesLeft == 1) {
          throw e;
        }
      }
    }
  }

  private void mend(String member) {
    must(member, "iptables -w -F");
    endLoss(member);
    endDelay(member);
    String queue = "dev " + NetworkNamespaces.INTERFACE;
    if (must(member, "tc qdisc show " + queue).contains("tbf")) {
      must(member, "tc qdisc del " + queue + " root");
    }
  }

  /** Mends the network of every member. */
  public void healAll() {
    networks.members().forEach(this::heal);
  }

  private void cut(String member, Cut cut) {
    for (String peer : addresses(cut.from())) {
      if (cut.direction() != Direction.OUT) {
        rule(member, "INPUT ! -i lo -s " + peer + " -j DROP");
      }
      if (cut.direction() != Direction.IN) {
        rule(member, "OUTPUT ! -o lo -d " + peer + " -j DROP");
      }
    }
  }

  private List<String> addresses(Peer peer) {
    return switch (peer) {
      case Peer.Everybody everybody -> List.of("0.0.0.0/0");
      case Peer.Observers observers -> List.of(networks.observers());
      case Peer.Members members ->
          members.names().stream().sorted().map(networks::address).toList();
    };
  }

  /** In a table of its own, so that what is lost is neither cut nor delayed. */
  private void loss(String member, Loss loss) {
    endLoss(member);
    String probability = String.format(Locale.ROOT, "%.2f", loss.percent() / 100.0);
    must(
        member,
        "iptables -w -t raw -A PREROUTING ! -i lo -m statistic --mode random --probability "
            + probability
            + " -j DROP");
  }

  private void endLoss(String member) {
    must(member, "iptables -w -t raw -F PREROUTING");
  }

  /**
   * In a table of its own: the verdict on a delayed packet ends the way through its table, and cuts
   * come after it. Should the process die, packets pass undelayed.
   */
  private void delay(String member, Delay delay) {
    endDelay(member);
    must(
        member,
        List.of(
            NetworkNamespaces.PYTHON,
            "-c",
            program(),
            DELAY_MARK,
            Long.toString(delay.by().toMillis()),
            Long.toString(delay.jitter().toMillis())));
    must(member, "iptables -w -t mangle -A INPUT ! -i lo -j NFQUEUE --queue-num 0 --queue-bypass");
  }

  private void endDelay(String member) {
    must(member, "iptables -w -t mangle -F INPUT");
    networks.processes(member).stream()
        .filter(NetworkFaults::delays)
        .forEach(ProcessHandle::destroyForcibly);
  }

  private static boolean delays(ProcessHandle process) {
    try {
      Path commandLine = Path.of("/proc", Long.toString(process.pid()), "cmdline");
      return Files.readString(commandLine, StandardCharsets.ISO_8859_1).contains(DELAY_MARK);
    } catch (IOException gone) {
      return false;
    }
  }

  private static String program() {
    try (InputStream in = NetworkFaults.class.getResourceAsStream("delay.py")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("the program that delays packets cannot be read", e);
    }
  }

  /** Appends a rule unless it is there. */
  private void rule(String member, String rule) {
    if (!networks.inside(member, words("iptables -w -C " + rule)).ok()) {
      must(member, "iptables -w -A " + rule);
    }
  }

  private String must(String member, String command) {
    return must(member, words(command));
  }

  private String must(String member, List<String> command) {
    Command.Result result = networks.inside(member, command);
    if (!result.ok()) {
      throw Failure.failed(
          command.getFirst() + " fails in the network of " + member + ": " + result.output(),
          "Is the cluster up? ./shardguard down and up make its network anew.");
    }
    return result.output();
  }

  private static List<String> words(String command) {
    return List.of(command.split(" "));
  }
}
