package io.shardguard.cli.drill;

import io.shardguard.events.Envelope;
import io.shardguard.events.Event;
import io.shardguard.events.LoadBalancerEvent;
import io.shardguard.events.ReplicationEvent.StandbyAttached;
import io.shardguard.events.ReplicationEvent.StandbyDetached;
import io.shardguard.events.TransitionEvent.TransitionCompleted;
import io.shardguard.failover.explain.EventSentence;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;

/** The events that followed a fault. Thread-safe. */
public final class Incident {

  private final IntPredicate groups;
  private final List<Envelope<Event>> events = new ArrayList<>();

  /** The incident of one group. */
  public Incident(int group) {
    this(g -> g == group);
  }

  /** The incident of some groups. */
  public Incident(IntPredicate groups) {
    this.groups = groups;
  }

  /**
   * One event.
   *
   * @param millis since the fault
   * @param type its name on the wire
   */
  public record Entry(long millis, String source, String type, String text) {}

  /**
   * Takes note of an event; only those of its groups, and of the load balancer, belong to the
   * incident.
   */
  public synchronized void add(Envelope<Event> envelope) {
    boolean ours = envelope.data().aboutGroup().stream().anyMatch(groups);
    if (ours || envelope.data() instanceof LoadBalancerEvent) {
      events.add(envelope);
      notifyAll();
    }
  }

  /** Waits until the group has its new primary; empty if it does not in time. */
  public synchronized Optional<TransitionCompleted> awaitCompletion(
      Instant killedAt, Duration bound) throws InterruptedException {
    long giveUpAt = System.nanoTime() + bound.toNanos();
    while (completion(killedAt).isEmpty()) {
      long left = Duration.ofNanos(giveUpAt - System.nanoTime()).toMillis();
      if (left <= 0) {
        return Optional.empty();
      }
      wait(left);
    }
    return completion(killedAt).map(envelope -> (TransitionCompleted) envelope.data());
  }

  /**
   * Waits until a standby of the group is no longer eligible; false if that does not come in time.
   */
  public synchronized boolean awaitDetachment(Instant since, Duration bound)
      throws InterruptedException {
    long giveUpAt = System.nanoTime() + bound.toNanos();
    while (after(since).stream().noneMatch(e -> e.data() instanceof StandbyDetached)) {
      long left = Duration.ofNanos(giveUpAt - System.nanoTime()).toMillis();
      if (left <= 0) {
        return false;
      }
      wait(left);
    }
    return true;
  }

  /** Milliseconds from the fault to the completed transition. */
  public synchronized Optional<Long> completedMillis(Instant killedAt) {
    return completion(killedAt).map(envelope -> millis(killedAt, envelope.time()));
  }

  /** Milliseconds from the fault to the last standby's being eligible. */
  public synchronized Optional<Long> attachedMillis(Instant killedAt) {
    return after(killedAt).stream()
        .filter(envelope -> envelope.data() instanceof StandbyAttached)
        .map(envelope -> millis(killedAt, envelope.time()))
        .max(Comparator.naturalOrder());
  }

  /** The events since the fault, by time. */
  public synchronized List<Entry> entries(Instant killedAt) {
    return after(killedAt).stream()
        .map(e ->
            new Entry(millis(killedAt, e.time()), e.source(), e.type(), EventSentence.of(e.data())))
        .toList();
  }

  private Optional<Envelope<Event>> completion(Instant killedAt) {
    return after(killedAt).stream()
        .filter(e -> e.data() instanceof TransitionCompleted)
        .findFirst();
  }

  private List<Envelope<Event>> after(Instant killedAt) {
    return events.stream()
        .filter(e -> !e.time().isBefore(killedAt))
        .sorted(Comparator.comparing(Envelope::time))
        .toList();
  }

  private static long millis(Instant killedAt, Instant time) {
    return Duration.between(killedAt, time).toMillis();
  }
}
