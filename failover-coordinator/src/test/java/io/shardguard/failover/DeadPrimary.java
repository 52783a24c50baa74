package io.shardguard.failover;

import io.shardguard.events.Diagnosis;
import io.shardguard.events.Epoch;
import io.shardguard.events.GroupTopology;
import io.shardguard.events.Lsn;
import io.shardguard.events.MemberAddress;
import io.shardguard.events.Observation;
import io.shardguard.events.Observation.MemberStatus;
import io.shardguard.events.Observation.MemberView;
import io.shardguard.events.Observation.Verdict;
import io.shardguard.events.Timeline;
import io.shardguard.testkit.PostgresServer;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/** A pair, {@code w-a} and its standby {@code w-b}, of which the primary is seen to have ended. */
final class DeadPrimary {

  private DeadPrimary() {}

  /** The pair as it was decided, with the standby eligible. */
  static GroupTopology pair(String cluster, PostgresServer primary, PostgresServer standby) {
    return GroupTopology.steady(
        cluster,
        1,
        List.of(address("w-a", primary), address("w-b", standby)),
        new Epoch(1),
        new Timeline(1),
        "w-a",
        Instant.now().minusSeconds(60),
        Set.of("w-b"));
  }

  private static MemberAddress address(String name, PostgresServer server) {
    return new MemberAddress(name, server.host(), server.port());
  }

  /**
   * What is seen now.
   *
   * @param promoted the standby takes writes already
   */
  static Observation seen(boolean promoted) {
    Instant now = Instant.now();
    MemberStatus status =
        new MemberStatus(
            !promoted,
            new Timeline(promoted ? 2 : 1),
            Lsn.ZERO,
            Lsn.ZERO,
            "",
            "on",
            null,
            List.of(),
            Instant.EPOCH);
    return new Observation(
        "m1",
        now,
        false,
        List.of(
            new MemberView(
                1, "w-a", Verdict.DOWN, Diagnosis.PROCESS_EXITED, now.minusSeconds(5), null),
            new MemberView(1, "w-b", Verdict.UP, null, now, status)));
  }
}
