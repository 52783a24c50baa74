package io.shardguard.simulator;

/**
 * The cluster of a run.
 *
 * @param groups the coordinator's included
 * @param members in each group
 * @param observers instances of health-monitor
 * @param remote the provisioner reaches members over the network alone
 * @param loopback all members share a loopback network: receivers cannot tell who sends
 * @param transfers clients make two-phase commits between groups
 */
public record Shape(
    int groups, int members, int observers, boolean remote, boolean loopback, boolean transfers) {

  /** Without transfers. */
  public Shape(int groups, int members, int observers, boolean remote, boolean loopback) {
    this(groups, members, observers, remote, loopback, false);
  }

  /** The same with transfers between groups, or without. */
  Shape transferring(boolean whether) {
    return new Shape(groups, members, observers, remote, loopback, whether);
  }

  /** Two groups of two, one observer, all on one machine's network of namespaces. */
  public static final Shape SMALL = new Shape(2, 2, 1, false, false);

  static Shape by(Chance chance) {
    return new Shape(
        2, chance.oneIn(4) ? 3 : 2, chance.oneIn(4) ? 3 : 1, chance.oneIn(3), chance.oneIn(4));
  }
}
