package io.shardguard.healthmonitor.core;

import io.shardguard.events.Diagnosis;
import io.shardguard.events.Observation.Downstream;
import io.shardguard.events.Observation.MemberStatus;
import io.shardguard.events.Observation.MemberView;
import io.shardguard.events.Observation.Verdict;
import io.shardguard.events.Timeline;
import java.time.Instant;
import java.util.List;

/** The part of a member's view whose change is news; positions and ages are not. */
public record Signature(Verdict verdict, Diagnosis diagnosis, Role role) {

  /** What a member is, and with whom it is connected. */
  public record Role(
      boolean inRecovery,
      Timeline timeline,
      String upstream,
      List<String> downstreams,
      String synchronousStandbyNames,
      Instant postmasterStart) {}

  static Signature of(MemberView view, Limits limits) {
    return new Signature(
        view.verdict(),
        view.diagnosis(),
        view.status() == null ? null : role(view.status(), limits));
  }

  private static Role role(MemberStatus status, Limits limits) {
    var upstream = status.upstream();
    return new Role(
        status.inRecovery(),
        status.timeline(),
        upstream == null ? "" : upstream.host() + ":" + upstream.port() + " " + upstream.status(),
        status.downstreams().stream().map(d -> downstream(d, limits)).toList(),
        status.synchronousStandbyNames(),
        status.postmasterStart());
  }

  private static String downstream(Downstream row, Limits limits) {
    String stream = row.standby() + " " + row.state() + " " + row.syncState();
    return Replication.trouble(row, limits).isEmpty() ? stream : stream + " hangs";
  }
}
