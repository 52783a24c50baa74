package io.shardguard.healthmonitor.core;

import io.shardguard.events.Epoch;
import io.shardguard.events.GroupTopology;
import io.shardguard.events.Lsn;
import io.shardguard.events.MemberAddress;
import io.shardguard.events.MonitorEvent;
import io.shardguard.events.Observation.Downstream;
import io.shardguard.events.Observation.MemberStatus;
import io.shardguard.events.Observation.Upstream;
import io.shardguard.events.Timeline;
import io.shardguard.healthmonitor.core.ProbeResult.Answered;
import io.shardguard.healthmonitor.core.Watch.Declared;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A watch under test, with a clock of its own: members a1, b1, a2, b2, …, of which each a is the
 * primary of its b.
 */
final class Scene {

  static final Limits LIMITS =
      new Limits(
          Duration.ofSeconds(1),
          Duration.ofMillis(2500),
          Duration.ofSeconds(10),
          Duration.ofSeconds(3),
          Duration.ofSeconds(30),
          Duration.ofSeconds(3),
          Duration.ofSeconds(15),
          Duration.ofSeconds(1),
          Duration.ofSeconds(2),
          Duration.ofSeconds(10),
          Duration.ofSeconds(1));
  private static final Instant BEGIN = Instant.parse("2030-01-01T00:00:00Z");
  private static final Instant STARTED = BEGIN.minusSeconds(3600);

  final List<MonitorEvent> events = new ArrayList<>();
  Instant now = BEGIN;
  Watch watch;
  Findings last;

  private Scene(int groups) {
    List<Declared> members = new ArrayList<>();
    for (int group = 1; group <= groups; group++) {
      members.add(new Declared(group, address("a" + group)));
      members.add(new Declared(group, address("b" + group)));
    }
    watch = Watch.begin("monitor-1", LIMITS, now).declared(members, now);
  }

  /** Groups whose members were never heard of. */
  static Scene unseen(int groups) {
    return new Scene(groups);
  }

  /** Groups in which everything is well. */
  static Scene healthy(int groups) {
    Scene scene = new Scene(groups);
    for (int group = 1; group <= groups; group++) {
      scene.well(group);
    }
    scene.look();
    return scene;
  }

  static MemberAddress address(String member) {
    return new MemberAddress(member, "host-" + member, 5432);
  }

  /** Both members of a group answer, and the standby streams. */
  Scene well(int group) {
    return answers("a" + group, primaryOf("b" + group))
        .answers("b" + group, streamsFrom("a" + group, 100));
  }

  Scene answers(String member, MemberStatus status) {
    return gets(member, new Answered(now, status));
  }

  Scene refuses(String member) {
    return gets(member, new ProbeResult.Refused("connection refused"));
  }

  Scene breaks(String member) {
    return gets(member, new ProbeResult.Broken("the open session broke"));
  }

  Scene isSilent(String member) {
    return gets(member, new ProbeResult.TimedOut("no answer within 1000 ms"));
  }

  Scene rejects(String member, String sqlState) {
    return gets(member, new ProbeResult.Rejected(now, sqlState, "the server says no"));
  }

  /** The log says that the member's process was started. */
  Scene started(String member) {
    watch = watch.started(member, now);
    return this;
  }

  Scene gets(String member, ProbeResult result) {
    watch = watch.after(member, result, now);
    return this;
  }

  /** Time passes, with a look every 100 ms, as the loop has it. */
  Scene after(long millis) {
    Instant end = now.plusMillis(millis);
    while (now.plusMillis(100).isBefore(end)) {
      now = now.plusMillis(100);
      look();
    }
    now = end;
    return look();
  }

  Scene look() {
    last = watch.look(now);
    watch = last.next();
    events.addAll(last.events());
    return this;
  }

  Judgement judgement(String member) {
    return watch.members().get(member).judgement();
  }

  <T extends MonitorEvent> List<T> said(Class<T> type) {
    return events.stream().filter(type::isInstance).map(type::cast).toList();
  }

  Scene decided(int group, String primary, Set<String> eligible) {
    watch =
        watch.decided(
            GroupTopology.steady(
                "test",
                group,
                List.of(address("a" + group), address("b" + group)),
                new Epoch(1),
                new Timeline(1),
                primary,
                BEGIN,
                eligible));
    return this;
  }

  static MemberStatus primaryOf(String... standbys) {
    List<Downstream> rows = new ArrayList<>();
    for (String standby : standbys) {
      rows.add(walsender(standby, 1000, 100));
    }
    return primary(1000, rows.toArray(Downstream[]::new));
  }

  static MemberStatus primary(long flushed, Downstream... walsenders) {
    return new MemberStatus(
        false,
        new Timeline(1),
        new Lsn(flushed),
        null,
        "ANY 1 (\"b1\")",
        "on",
        null,
        List.of(walsenders),
        STARTED);
  }

  /** A walsender as a single answer has it: with the age of the reply, by the standby's clock. */
  static Downstream walsender(String standby, long flushed, long replyMillis) {
    return new Downstream(standby, "streaming", "quorum", new Lsn(flushed), replyMillis, null);
  }

  static MemberStatus streamsFrom(String primary, long messageAge) {
    return standby(1, 1000, new Upstream("host-" + primary, 5432, "streaming", messageAge));
  }

  static MemberStatus alone() {
    return standby(1, 1000, null);
  }

  static MemberStatus standby(int timeline, long replayed, Upstream upstream) {
    return new MemberStatus(
        true,
        new Timeline(timeline),
        new Lsn(1000),
        new Lsn(replayed),
        "",
        "on",
        upstream,
        List.of(),
        STARTED);
  }
}
