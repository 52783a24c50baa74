package io.shardguard.failover;

import io.shardguard.events.GroupTopology;
import io.shardguard.events.MemberAddress;
import io.shardguard.failover.core.Action;
import io.vertx.core.Vertx;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The lanes of one cluster's members, as long as this instance owns the cluster. Used by the
 * decision loop's thread.
 */
final class Lanes implements AutoCloseable {

  private final Vertx vertx;
  private final FailoverConfig config;
  private final String generation;
  private final Map<Key, Lane> lanes = new HashMap<>();

  private record Key(String member, Action.Lane kind) {}

  Lanes(Vertx vertx, FailoverConfig config, String generation) {
    this.vertx = vertx;
    this.config = config;
    this.generation = generation;
  }

  /**
   * Keeps a session open in each lane that may be needed at once: replication and roles on every
   * member, metadata on primaries and on those that may become one.
   */
  void keepOpen(Collection<GroupTopology> groups) {
    for (GroupTopology group : groups) {
      for (MemberAddress member : group.members()) {
        for (Action.Lane kind : Action.Lane.values()) {
          lane(member, kind).keepOpen();
        }
      }
    }
  }

  /** The lane of an action; empty if the member is not declared. */
  Optional<Lane> of(Action action, GroupTopology group) {
    return group.member(action.member()).map(address -> lane(address, action.lane()));
  }

  @Override
  public void close() {
    lanes.values().forEach(Lane::close);
    lanes.clear();
  }

  private Lane lane(MemberAddress member, Action.Lane kind) {
    Key key = new Key(member.name(), kind);
    Lane known = lanes.get(key);
    if (known == null || !known.address().equals(member)) {
      if (known != null) {
        known.close();
      }
      known = new Lane(vertx, member, kind, config, generation);
      lanes.put(key, known);
    }
    return known;
  }
}
