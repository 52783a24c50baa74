package io.shardguard.healthmonitor.core;

import io.shardguard.events.Diagnosis;
import io.shardguard.events.MonitorEvent;
import io.shardguard.events.MonitorEvent.NodeDown;
import io.shardguard.events.MonitorEvent.NodeUnreachable;
import io.shardguard.events.MonitorEvent.NodeUp;
import io.shardguard.events.MonitorEvent.ObserverIsolated;
import io.shardguard.events.Observation;
import io.shardguard.events.Observation.Verdict;
import io.shardguard.healthmonitor.core.History.Failure;
import io.shardguard.healthmonitor.core.History.Kind;
import io.shardguard.healthmonitor.core.Watched.Said;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One look at all members: verdicts, then what became true with them. */
final class Look {

  /**
   * For this long after a member began to fail, its partners are asked without pause: their answer
   * decides.
   */
  private static final Duration URGENT = Duration.ofSeconds(2);

  private final Watch before;
  private final Instant now;
  private Instant attentiveSince;
  private final List<MonitorEvent> events = new ArrayList<>();

  Look(Watch before, Instant now, Instant attentiveSince) {
    this.before = before;
    this.now = now;
    this.attentiveSince = attentiveSince;
  }

  Findings findings() {
    Map<String, Testimony> testimonies = new LinkedHashMap<>();
    before.members().values().forEach(m -> testimonies.put(m.name(), testimony(m)));
    boolean isolated = isolated(testimonies);
    if (before.isolated() && !isolated) {
      // It was this observer that was away: whoever has not answered yet is given time anew.
      attentiveSince = now;
    }
    Watch judged = judge(testimonies, isolated);
    Watch followed = follow(judged);
    Observation observation =
        new Observation(
            before.observer(),
            now,
            isolated,
            followed.members().values().stream().map(Watched::view).toList());
    List<Signature> signatures =
        observation.members().stream().map(view -> Signature.of(view, before.limits())).toList();
    boolean changed = isolated != before.isolated() || !signatures.equals(before.published());
    Watch next =
        new Watch(
            before.observer(),
            before.limits(),
            followed.members(),
            before.topology(),
            before.started(),
            changed ? signatures : before.published(),
            now,
            attentiveSince,
            isolated);
    return new Findings(next, List.copyOf(events), observation, changed, ask(followed));
  }

  private Testimony testimony(Watched member) {
    return Testimony.about(
        member,
        before.group(member.group()),
        before.topology().get(member.group()),
        before.limits().witnessStale(),
        now);
  }

  private boolean isolated(Map<String, Testimony> testimonies) {
    List<String> lost = Isolation.lost(before, testimonies, now, attentiveSince);
    if (!lost.isEmpty() && !before.isolated()) {
      events.add(new ObserverIsolated(before.observer(), lost));
    }
    return !lost.isEmpty();
  }

  private Watch judge(Map<String, Testimony> testimonies, boolean isolated) {
    Judge judge = new Judge(before, now, attentiveSince, isolated);
    Map<String, Watched> next = new LinkedHashMap<>();
    before
        .members()
        .forEach((name, member) ->
            next.put(name, say(member.with(judge.judge(member, testimonies.get(name))))));
    return before.with(next);
  }

  /** Publishes that a member is out of reach, its end and its return, each once. */
  private Watched say(Watched member) {
    Judgement judgement = member.judgement();
    if (judgement.is(Verdict.DOWN) && member.said() != Said.DOWN) {
      events.add(
          new NodeDown(
              member.group(),
              member.name(),
              before.observer(),
              judgement.diagnosis(),
              judgement.evidence(),
              silentMillis(member)));
      return member.with(Said.DOWN);
    }
    if (unreachable(member) && member.said() != Said.UNREACHABLE) {
      events.add(
          new NodeUnreachable(
              member.group(),
              member.name(),
              before.observer(),
              judgement.evidence(),
              silentMillis(member),
              before.limits().unreachableAfter().toMillis()));
      return member.with(Said.UNREACHABLE);
    }
    if (judgement.is(Verdict.UP) && member.said() != Said.UP) {
      events.add(
          new NodeUp(
              member.group(), member.name(), before.observer(), member.status().inRecovery()));
      return member.with(Said.UP);
    }
    return member;
  }

  /** For so long that a witness that had lost it, too, would have said so by now. */
  private boolean unreachable(Watched member) {
    Duration silence = member.history().silence(now, attentiveSince);
    return member.judgement().is(Verdict.SUSPECT)
        && member.judgement().diagnosis() == Diagnosis.UNREACHABLE
        && silence.compareTo(before.limits().surelyUnreachable()) >= 0;
  }

  private long silentMillis(Watched member) {
    Instant sign = member.history().lastSign();
    return sign == null ? -1 : Math.max(0, Duration.between(sign, now).toMillis());
  }

  private Watch follow(Watch judged) {
    Replication replication = new Replication(before.observer(), before.limits(), now, events);
    Map<String, Watched> next = new LinkedHashMap<>();
    judged
        .members()
        .forEach((name, member) ->
            next.put(
                name, replication.follow(member, judged.primaryOf(member.group()).orElse(null))));
    return judged.with(next);
  }

  private Set<String> ask(Watch judged) {
    Set<String> wanted = new LinkedHashSet<>();
    for (Watched failing : judged.members().values()) {
      if (undecided(failing)) {
        judged.group(failing.group()).stream()
            .filter(witness -> !witness.name().equals(failing.name()) && witness.up())
            .forEach(witness -> wanted.add(witness.name()));
      }
    }
    return wanted;
  }

  private boolean undecided(Watched member) {
    Failure failure = member.history().failure();
    return failure != null
        && (failure.kind() == Kind.BROKEN || failure.kind() == Kind.REFUSED)
        && !member.judgement().is(Verdict.DOWN)
        && Duration.between(failure.since(), now).compareTo(URGENT) < 0;
  }
}
