package io.shardguard.cli.drill.nemesis;

import io.shardguard.cli.drill.ShardPlaces.Place;
import java.util.List;
import java.util.random.RandomGenerator;

/** Which accounts a transfer may be between. */
final class AccountPairs {

  private final List<Place> places;
  private final boolean acrossGroups;

  /**
   * Pairs.
   *
   * @param acrossGroups of different groups; else both of one shard, where no commit spans workers
   */
  AccountPairs(List<Place> places, boolean acrossGroups) {
    this.places = List.copyOf(places);
    this.acrossGroups = acrossGroups;
  }

  /** The next transfer; an account without a partner is passed over. */
  Transfer draw(long id, RandomGenerator random) {
    while (true) {
      Place from = places.get(random.nextInt(places.size()));
      List<Place> partners = places.stream().filter(to -> partners(from, to)).toList();
      if (!partners.isEmpty()) {
        Place to = partners.get(random.nextInt(partners.size()));
        return new Transfer(id, from.key(), to.key(), 1 + random.nextInt(9));
      }
    }
  }

  /** Whether any transfer can be made. */
  boolean any() {
    return places.stream().anyMatch(from -> places.stream().anyMatch(to -> partners(from, to)));
  }

  private boolean partners(Place from, Place to) {
    return acrossGroups
        ? from.group() != to.group()
        : from.key() != to.key() && from.shard() == to.shard();
  }
}
