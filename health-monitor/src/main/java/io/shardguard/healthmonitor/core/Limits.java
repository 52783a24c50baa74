package io.shardguard.healthmonitor.core;

import java.time.Duration;

/**
 * The bounds of the verdicts.
 *
 * @param suspectAfter no answer for this long, with a query or a new session under way: the member
 *     is suspect
 * @param silentAfter no answer for this long, and a witness that lost the member too: down
 * @param silentAlone no answer for this long, and no witness: down
 * @param refusedAlone refused for this long, and no witness: down
 * @param unreachableAfter no answer for this long, although a standby still streams from the
 *     member: down
 * @param witnessStale a walreceiver whose last message is older has lost its sender, a walsender
 *     its receiver
 * @param startGrace no verdict on a member that was not seen alive for this long since it was
 *     started, or the watch began
 * @param brokenAfter replication that is away for this long is broken
 * @param stalledAfter replication that flushes nothing for this long, with WAL waiting, is broken
 * @param isolationWithin members lost within this long were lost at once
 * @param inattention a longer gap between two looks is the observer's own: silence is counted anew
 *     from there
 */
public record Limits(
    Duration suspectAfter,
    Duration silentAfter,
    Duration silentAlone,
    Duration refusedAlone,
    Duration unreachableAfter,
    Duration witnessStale,
    Duration startGrace,
    Duration brokenAfter,
    Duration stalledAfter,
    Duration isolationWithin,
    Duration inattention) {

  /** Silent for this long, and a witness still hears it: it does not merely lose it later. */
  Duration surelyUnreachable() {
    return silentAfter.plus(witnessStale);
  }

  /** Two answers of a member that are further apart do not follow each other. */
  Duration successive() {
    return suspectAfter.plus(inattention);
  }
}
