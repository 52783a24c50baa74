package io.shardguard.failover.shadow;

import io.shardguard.events.Diagnosis;
import io.shardguard.events.MemberAddress;
import io.shardguard.events.Observation;
import io.shardguard.events.Observation.Downstream;
import io.shardguard.events.Observation.MemberStatus;
import io.shardguard.events.Observation.MemberView;
import io.shardguard.events.Observation.Upstream;
import io.shardguard.events.Observation.Verdict;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The members that are supposed to be down, and what observers would see then. */
final class Supposed {

  private final Map<String, Gone> gone = new TreeMap<>();

  private record Gone(int group, MemberAddress address, Diagnosis diagnosis, Instant since) {}

  void begin(int group, MemberAddress member, Diagnosis diagnosis, Instant since) {
    gone.put(member.name(), new Gone(group, member, diagnosis, since));
  }

  void end(String member) {
    gone.remove(member);
  }

  void endAll(int group) {
    gone.values().removeIf(each -> each.group() == group);
  }

  boolean isGone(String member) {
    return gone.containsKey(member);
  }

  /** Something is supposed about a member of the group. */
  boolean concerns(int group) {
    return gone.values().stream().anyMatch(each -> each.group() == group);
  }

  /** What the observer would have seen. */
  Observation seen(Observation real) {
    return gone.isEmpty()
        ? real
        : new Observation(
            real.observer(),
            real.at(),
            real.isolated(),
            real.members().stream().map(this::seen).toList());
  }

  private MemberView seen(MemberView real) {
    Gone itself = gone.get(real.member());
    Instant answered = real.lastAnswer();
    if (itself == null) {
      return new MemberView(
          real.group(),
          real.member(),
          real.verdict(),
          real.diagnosis(),
          answered,
          real.status() == null ? null : withoutStreams(real.status()));
    }
    return new MemberView(
        real.group(),
        real.member(),
        Verdict.DOWN,
        itself.diagnosis(),
        answered == null || answered.isBefore(itself.since()) ? answered : itself.since(),
        real.status());
  }

  /** Nobody streams from or to a member that is gone. */
  private MemberStatus withoutStreams(MemberStatus real) {
    Upstream upstream = Optional.ofNullable(real.upstream()).filter(this::isThere).orElse(null);
    List<Downstream> downstreams =
        real.downstreams().stream().filter(d -> !gone.containsKey(d.standby())).toList();
    return new MemberStatus(
        real.inRecovery(),
        real.timeline(),
        real.flushLsn(),
        real.replayLsn(),
        real.synchronousStandbyNames(),
        real.synchronousCommit(),
        upstream,
        downstreams,
        real.postmasterStart());
  }

  private boolean isThere(Upstream upstream) {
    return gone.values().stream()
        .map(Gone::address)
        .noneMatch(a -> a.host().equals(upstream.host()) && a.port() == upstream.port());
  }
}
