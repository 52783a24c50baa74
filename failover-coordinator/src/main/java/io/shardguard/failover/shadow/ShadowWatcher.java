package io.shardguard.failover.shadow;

import io.shardguard.events.Basis.Asked;
import io.shardguard.events.Event;
import java.time.Instant;
import java.util.List;

/** Is told what a shadow does, as it happens, on the shadow's thread. */
public interface ShadowWatcher {

  /**
   * Something is supposed from now on, or no more.
   *
   * @param words about a member of the cluster that is looked at, by its name there
   */
  void supposed(Instant at, String words);

  /**
   * The shadow decided.
   *
   * @param asked the work that failover-coordinator would have carried out
   */
  void decided(Instant at, List<Event> events, List<Asked> asked);

  /** The failover-coordinator that runs decided. */
  void decidedLive(Instant at, Event event);
}
