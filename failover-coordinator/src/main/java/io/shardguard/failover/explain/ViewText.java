package io.shardguard.failover.explain;

import io.shardguard.events.Observation;
import io.shardguard.events.Observation.Downstream;
import io.shardguard.events.Observation.MemberStatus;
import io.shardguard.events.Observation.MemberView;
import io.shardguard.events.Observation.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What observers see of a member, in words. */
final class ViewText {

  private ViewText() {}

  /** One sentence for each observer. */
  static List<String> of(String member, Map<String, Observation> seen) {
    List<String> lines = new ArrayList<>();
    new TreeMap<>(seen)
        .forEach((observer, observation) ->
            lines.add(
                observer
                    + " at "
                    + observation.at()
                    + (observation.isolated() ? " (cut off: it has no say)" : "")
                    + ": "
                    + observation
                        .of(member)
                        .map(view -> sentence(view, observation.at()))
                        .orElse(member + " is not watched")));
    return lines;
  }

  private static String sentence(MemberView view, Instant at) {
    return view.member()
        + " is "
        + view.verdict()
        + diagnosis(view)
        + answered(view, at)
        + (view.verdict() == Verdict.UP ? status(view.status()) : "");
  }

  private static String diagnosis(MemberView view) {
    return view.diagnosis() == null
        ? ""
        : " (" + view.diagnosis() + ": " + view.diagnosis().sentence() + ")";
  }

  private static String answered(MemberView view, Instant at) {
    return view.lastAnswer() == null
        ? ", it never answered"
        : ", last answer "
            + Math.max(0, Duration.between(view.lastAnswer(), at).toMillis())
            + " ms before";
  }

  private static String status(MemberStatus status) {
    if (status == null) {
      return "";
    }
    return status.inRecovery() ? standby(status) : primary(status);
  }

  private static String standby(MemberStatus status) {
    String stream =
        status.upstream() == null
            ? "streams from nobody"
            : "streams from " + status.upstream().host() + ":" + status.upstream().port();
    return "; a standby on timeline "
        + status.timeline()
        + " with WAL up to "
        + status.flushLsn()
        + ", "
        + stream;
  }

  private static String primary(MemberStatus status) {
    return "; takes writes on timeline "
        + status.timeline()
        + ", flushed up to "
        + status.flushLsn()
        + ", waits for "
        + (status.synchronousStandbyNames().isEmpty() ? "nobody" : status.synchronousStandbyNames())
        + (status.downstreams().isEmpty() ? ", nobody streams from it" : streams(status));
  }

  private static String streams(MemberStatus status) {
    return status.downstreams().stream()
        .map(ViewText::stream)
        .reduce("", (all, one) -> all + ", " + one);
  }

  private static String stream(Downstream stream) {
    return stream.standby()
        + " is "
        + stream.state()
        + " ("
        + stream.syncState()
        + (stream.flushLsn() == null ? "" : ", has flushed " + stream.flushLsn())
        + (stream.stalledMillis() == null
            ? ""
            : ", nothing new for " + stream.stalledMillis() + " ms")
        + ")";
  }
}
