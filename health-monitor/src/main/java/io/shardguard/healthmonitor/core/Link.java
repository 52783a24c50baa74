package io.shardguard.healthmonitor.core;

import io.shardguard.events.Lsn;
import java.time.Instant;

/**
 * A standby's replication as the observer has followed it.
 *
 * @param primary from whom the standby streams
 * @param target the primary's flush position when the streaming was first seen: who has flushed
 *     that has caught up
 * @param caughtUp it has
 * @param awaySince since when the streaming is not seen any more; null while it is
 */
public record Link(String primary, Lsn target, boolean caughtUp, Instant awaySince) {

  Link back() {
    return new Link(primary, target, caughtUp, null);
  }

  Link reached() {
    return new Link(primary, target, true, null);
  }

  Link away(Instant now) {
    return awaySince == null ? new Link(primary, target, caughtUp, now) : this;
  }
}
