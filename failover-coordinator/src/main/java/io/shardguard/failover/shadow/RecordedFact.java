package io.shardguard.failover.shadow;

import io.shardguard.events.Basis;
import io.shardguard.events.Diagnosis;
import io.shardguard.events.Event;
import io.shardguard.events.GroupTopology;
import io.shardguard.events.MemberAddress;
import io.shardguard.events.MonitorEvent.NodeDown;
import io.shardguard.events.MonitorEvent.NodeUp;
import io.shardguard.events.ProvisionerEvent.MemberExited;
import io.shardguard.failover.replay.LogEntry.OfEvent;
import io.shardguard.failover.replay.RecordedLog;
import io.shardguard.failover.replay.Replay;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Something that observers or the runtime said of a member in an incident.
 *
 * @param after since the first of them
 * @param member by its name in the incident
 * @param place what it was in its group then: 0 is the primary, 1 the first standby in the order of
 *     the declaration, and so on
 * @param diagnosis of a member that is down; null otherwise
 * @param words the evidence or the reason, for people
 */
public record RecordedFact(
    Duration after,
    Kind kind,
    int group,
    String member,
    int place,
    Diagnosis diagnosis,
    List<String> words) {

  /** What was said. */
  public enum Kind {
    /** Most observers said that it is down. */
    DOWN,
    /** The runtime saw its processes gone. */
    EXITED,
    /** It answered again. */
    UP
  }

  /** All of an incident that are about groups with a primary, by time. */
  public static List<RecordedFact> of(RecordedLog log) {
    return new Finder(log).find();
  }

  private static final class Finder {

    private final RecordedLog log;
    private final List<OfEvent> events;
    private final Map<String, Set<String>> down = new HashMap<>();
    private final List<RecordedFact> found = new ArrayList<>();
    private final int observers;
    private Instant first;

    Finder(RecordedLog log) {
      this.log = log;
      this.events =
          log.events().stream()
              .sorted(Comparator.comparing((OfEvent e) -> e.envelope().time()))
              .toList();
      this.observers =
          events.stream()
              .flatMap(e -> e.basis().stream())
              .map(Basis::seen)
              .mapToInt(Map::size)
              .max()
              .orElse(1);
    }

    List<RecordedFact> find() {
      for (OfEvent event : events) {
        take(event.envelope().time(), event.envelope().data());
      }
      return List.copyOf(found);
    }

    private void take(Instant at, Event event) {
      switch (event) {
        case NodeDown e -> {
          Set<String> say = down.computeIfAbsent(e.member(), m -> new TreeSet<>());
          boolean mostDid = mostSay(say);
          say.add(e.observer());
          if (!mostDid && mostSay(say)) {
            add(at, Kind.DOWN, e.group(), e.member(), e.diagnosis(), e.evidence());
          }
        }
        case NodeUp e -> {
          Set<String> say = down.getOrDefault(e.member(), Set.of());
          boolean mostDid = mostSay(say);
          say.remove(e.observer());
          if (mostDid && !mostSay(say)) {
            add(at, Kind.UP, e.group(), e.member(), null, List.of());
          }
        }
        case MemberExited e -> {
          if (mostSay(down.getOrDefault(e.member(), Set.of()))) {
            add(at, Kind.EXITED, e.group(), e.member(), null, List.of(e.reason()));
          }
        }
        default -> {
          // Nothing that was said of a member.
        }
      }
    }

    private boolean mostSay(Set<String> who) {
      return 2 * who.size() > observers;
    }

    private void add(
        Instant at, Kind kind, int group, String member, Diagnosis diagnosis, List<String> words) {
      GroupTopology then = Replay.stateAt(log, at).group(group).orElse(null);
      if (then == null || then.primary() == null) {
        return;
      }
      first = first == null ? at : first;
      found.add(
          new RecordedFact(
              Duration.between(first, at),
              kind,
              group,
              member,
              place(then, member),
              diagnosis,
              words));
    }

    private static int place(GroupTopology group, String member) {
      List<String> standbys = group.standbys().stream().map(MemberAddress::name).toList();
      return member.equals(group.primary()) ? 0 : standbys.indexOf(member) + 1;
    }
  }
}
