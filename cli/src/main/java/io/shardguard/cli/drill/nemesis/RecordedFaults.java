package io.shardguard.cli.drill.nemesis;

import io.shardguard.cli.drill.fault.ControlPart;
import io.shardguard.cli.drill.fault.Fault;
import io.shardguard.cli.drill.fault.HandFault;
import io.shardguard.cli.drill.fault.LinkFault;
import io.shardguard.cli.drill.fault.PartFault;
import io.shardguard.cli.drill.fault.ServerFault;
import io.shardguard.cli.drill.fault.Target;
import io.shardguard.events.Diagnosis;
import io.shardguard.events.Event;
import io.shardguard.events.GroupTopology;
import io.shardguard.events.MonitorEvent.NodeDown;
import io.shardguard.events.MonitorEvent.NodeUp;
import io.shardguard.events.ProvisionerEvent.MemberExited;
import io.shardguard.events.ProvisionerEvent.MemberFenced;
import io.shardguard.events.ProvisionerEvent.MemberStarted;
import io.shardguard.events.ReplicationEvent.RogueFound;
import io.shardguard.failover.replay.LogEntry.OfEvent;
import io.shardguard.failover.replay.RecordedLog;
import io.shardguard.failover.replay.Replay;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The faults that a recorded log tells of, as far as their traces are in it: what became of a
 * member's processes, a standby that was promoted by hand, a death of failover-coordinator. Who was
 * hit is told by its role.
 */
final class RecordedFaults {

  /** Lasts so long if the log does not say how it ended. */
  private static final Duration FOREVER = Duration.ofSeconds(15);

  private final RecordedLog log;
  private final List<OfEvent> events;
  private final Set<String> gone = new HashSet<>();
  private final List<Found> found = new ArrayList<>();

  /** A fault and when it came. */
  private record Found(Instant at, Fault fault, Duration hold) {}

  /**
   * A fault of an incident.
   *
   * @param after since the first of them
   * @param hold until it is undone; for what does not last, nothing
   */
  record Timed(Duration after, Fault fault, Duration hold) {

    @Override
    public String toString() {
      String length =
          fault.lasts() ? String.format(Locale.ROOT, ", for %.1f s", hold.toMillis() / 1e3) : "";
      return String.format(Locale.ROOT, "after %5.1f s: ", after.toMillis() / 1e3) + fault + length;
    }
  }

  private RecordedFaults(RecordedLog log) {
    this.log = log;
    this.events =
        log.events().stream()
            .sorted(Comparator.comparing((OfEvent e) -> e.envelope().time()))
            .toList();
  }

  /** All of them, by time; empty if the log tells of none. */
  static List<Timed> of(RecordedLog log) {
    return new RecordedFaults(log).find();
  }

  private List<Timed> find() {
    for (int i = 0; i < events.size(); i++) {
      Instant at = events.get(i).envelope().time();
      switch (events.get(i).envelope().data()) {
        case NodeDown e when gone.add(e.member()) -> down(e, at, i);
        case MemberExited e when gone.add(e.member()) ->
            add(at, onServer(exit(e.reason()), e.group(), e.member(), at), Duration.ZERO);
        case RogueFound e when gone.add(e.member()) ->
            add(at, new Fault.ByHand(HandFault.PROMOTE, e.group()), Duration.ZERO);
        case NodeUp e -> gone.remove(e.member());
        case MemberStarted e -> gone.remove(e.member());
        // The control plane's own work; what exits by it is no fault.
        case MemberFenced e -> gone.add(e.member());
        default -> {
          // Not the trace of a fault.
        }
      }
    }
    deathsOfTheOwner();
    found.sort(Comparator.comparing(Found::at));
    return found.stream()
        .map(f -> new Timed(Duration.between(found.get(0).at(), f.at()), f.fault(), f.hold()))
        .toList();
  }

  private void down(NodeDown e, Instant at, int index) {
    boolean silent =
        e.diagnosis() == Diagnosis.SILENT
            || e.diagnosis() == Diagnosis.SILENT_WITNESSED
            || e.diagnosis() == Diagnosis.UNREACHABLE;
    if (!silent) {
      ServerFault how =
          ended(e.member(), index).map(RecordedFaults::exit).orElse(ServerFault.KILL_ALL);
      add(at, onServer(how, e.group(), e.member(), at), Duration.ZERO);
      return;
    }
    Instant since = at.minusMillis(Math.max(0, e.silentMillis()));
    Duration hold =
        over(e.member(), index).map(end -> Duration.between(since, end)).orElse(FOREVER);
    Fault fault =
        e.diagnosis() == Diagnosis.UNREACHABLE
            ? new Fault.OnLink(LinkFault.CUT_FROM_OBSERVERS, target(e.group(), e.member(), at))
            : onServer(ServerFault.FREEZE_ALL, e.group(), e.member(), at);
    add(since, fault, hold);
  }

  /** How the runtime saw it end, before it was started again. */
  private Optional<String> ended(String member, int index) {
    for (OfEvent later : events.subList(index + 1, events.size())) {
      Event event = later.envelope().data();
      if (event instanceof MemberStarted e && e.member().equals(member)) {
        return Optional.empty();
      }
      if (event instanceof MemberExited e && e.member().equals(member)) {
        return Optional.of(e.reason());
      }
    }
    return Optional.empty();
  }

  /** When the silence of a member was over: it was ended, or answered. */
  private Optional<Instant> over(String member, int index) {
    return events.subList(index + 1, events.size()).stream()
        .filter(later ->
            switch (later.envelope().data()) {
              case MemberFenced e -> e.member().equals(member);
              case MemberExited e -> e.member().equals(member);
              case NodeUp e -> e.member().equals(member);
              default -> false;
            })
        .map(later -> later.envelope().time())
        .findFirst();
  }

  private static ServerFault exit(String reason) {
    return reason.contains("signal") ? ServerFault.KILL_POSTMASTER : ServerFault.STOP;
  }

  private Fault onServer(ServerFault what, int group, String member, Instant at) {
    return new Fault.OnServer(what, target(group, member, at));
  }

  private Target target(int group, String member, Instant at) {
    boolean primary =
        Replay.stateAt(log, at)
            .group(group)
            .map(GroupTopology::primary)
            .map(member::equals)
            .orElse(false);
    return new Target(primary ? Target.Role.PRIMARY : Target.Role.STANDBY, group);
  }

  /** Another owner decides: the one before was heard for the last time. */
  private void deathsOfTheOwner() {
    OfEvent last = null;
    for (OfEvent event : events) {
      if (event.basis().isPresent()) {
        if (last != null && !last.basis().get().owner().equals(event.basis().get().owner())) {
          add(
              last.envelope().time().plusMillis(1),
              new Fault.OnPart(PartFault.KILL, ControlPart.FAILOVER_COORDINATOR),
              Duration.ZERO);
        }
        last = event;
      }
    }
  }

  private void add(Instant at, Fault fault, Duration hold) {
    found.add(new Found(at, fault, hold));
  }
}
