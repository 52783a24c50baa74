package io.shardguard.cli.local;

import io.shardguard.cli.Failure;
import io.shardguard.clusterspec.MemberNetwork;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Finds a private network that this machine has no use for. */
final class FreeNetwork {

  private static final Pattern ADDRESS =
      Pattern.compile("\\b(\\d+)\\.(\\d+)\\.(\\d+)\\.(\\d+)(?:/(\\d+))?\\b");

  private static final long ALL_ONES = 0xFFFF_FFFFL;

  private FreeNetwork() {}

  /**
   * A network that nothing on this machine leads to but the way to everywhere.
   *
   * @throws Failure if there is none
   */
  static MemberNetwork choose(StateDirectory state) {
    String routes = routes();
    String id = NetworkNamespaces.id(state);
    return candidates(id.hashCode())
        .filter(network -> users(network, routes, id).isEmpty())
        .findFirst()
        .orElseThrow(() ->
            Failure.precondition(
                "No private network is free on this machine: routes lead to all of 10.0.0.0/8 and 172.16.0.0/12.",
                "Leave --network out."));
  }

  /**
   * Still nobody else's.
   *
   * @throws Failure if it is somebody's by now
   */
  static void require(MemberNetwork network, StateDirectory state) {
    List<String> users = users(network, routes(), NetworkNamespaces.id(state));
    if (!users.isEmpty()) {
      throw Failure.precondition(
          "The members' network "
              + network
              + " is used by something else on this machine: "
              + users.getFirst(),
          "Remove that route, or make another cluster by --state.");
    }
  }

  /** Every network that may be chosen; which one comes first is by the seed, lest clusters meet. */
  static Stream<MemberNetwork> candidates(int seed) {
    return Stream.concat(
            IntStream.range(0, 256).map(i -> Math.floorMod(seed + i, 256)).mapToObj(i -> "10." + i),
            IntStream.range(16, 32).mapToObj(i -> "172." + i))
        .map(prefix -> new MemberNetwork(prefix, 16));
  }

  /**
   * The routes into a network, as {@code ip} writes them.
   *
   * @param own the link whose routes do not count
   */
  static List<String> users(MemberNetwork network, String routes, String own) {
    return routes
        .lines()
        .map(String::strip)
        .filter(route -> !route.contains(" dev " + own + " "))
        .filter(route -> overlaps(network, route))
        .toList();
  }

  private static boolean overlaps(MemberNetwork network, String route) {
    Matcher destination = ADDRESS.matcher(route);
    Matcher wanted = ADDRESS.matcher(network.toString());
    if (route.startsWith("default") || !destination.find() || !wanted.find()) {
      return false;
    }
    int bits = Math.min(bits(destination), bits(wanted));
    long mask = ALL_ONES << (32 - bits) & ALL_ONES;
    return (number(destination) & mask) == (number(wanted) & mask);
  }

  private static int bits(Matcher address) {
    return address.group(5) == null ? 32 : Integer.parseInt(address.group(5));
  }

  private static long number(Matcher address) {
    long number = 0;
    for (int i = 1; i <= 4; i++) {
      number = number << 8 | Long.parseLong(address.group(i));
    }
    return number;
  }

  private static String routes() {
    return Command.run(Duration.ofSeconds(30), List.of("ip", "-4", "route", "show", "table", "all"))
        .output();
  }
}
