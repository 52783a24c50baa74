package io.shardguard.cli.local;

import io.shardguard.cli.Terminal;
import io.shardguard.cli.view.ClusterStatus;
import io.shardguard.eventlog.LogReader;
import io.shardguard.events.Envelope;
import io.shardguard.events.Event;
import io.shardguard.events.LoadBalancerEvent;
import io.shardguard.events.MonitorEvent;
import io.shardguard.events.OperatorEvent;
import io.shardguard.events.ProvisionerEvent;
import io.shardguard.events.ReplicationEvent;
import io.shardguard.events.TransitionEvent;
import io.shardguard.failover.explain.EventSentence;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/** Waits until a cluster is whole, telling what happens meanwhile. */
public final class Formation {

  private static final Duration LOOK = Duration.ofMillis(500);

  /** How long a cluster that can be used is waited for, so that all of its standbys come. */
  private static final Duration FOR_STANDBYS = Duration.ofSeconds(60);

  private final Installation installation;
  private final Parts parts;
  private final Terminal terminal;
  private final Health health = new Health();
  private final AtomicBoolean ready = new AtomicBoolean();
  private final AtomicBoolean stopped = new AtomicBoolean();

  /** What was told already: a step that is tried again fails again with the same words. */
  private final Set<String> told = new HashSet<>();

  private final Set<ServiceProcess> readyServices = new HashSet<>();

  public Formation(Installation installation, Terminal terminal) {
    this.installation = installation;
    this.parts = Parts.of(installation);
    this.terminal = terminal;
  }

  /**
   * Waits.
   *
   * @param since events from then on are told
   * @param bound for the whole wait
   * @return the last status; whole, unless the time was up
   */
  public ClusterStatus await(Instant since, Duration bound) throws InterruptedException {
    long giveUpAt = System.nanoTime() + bound.toNanos();
    StatusReader reader = new StatusReader(installation);
    if (!awaitKafka(giveUpAt)) {
      return reader.read(parts.programs());
    }
    Thread.ofPlatform().daemon().name("follow-events").start(() -> follow(since));
    try {
      return awaitWhole(reader, giveUpAt);
    } finally {
      stopped.set(true);
    }
  }

  private boolean awaitKafka(long giveUpAt) throws InterruptedException {
    while (!health.kafka(installation)) {
      if (System.nanoTime() > giveUpAt) {
        return false;
      }
      Thread.sleep(LOOK.toMillis());
    }
    terminal.step("Kafka is ready");
    return true;
  }

  private ClusterStatus awaitWhole(StatusReader reader, long giveUpAt) throws InterruptedException {
    long standbysUntil = Long.MAX_VALUE;
    while (true) {
      tellReadyServices();
      // Asking all is costly while everything starts: the services' readiness comes first, the rest
      // once they are.
      boolean lastLook = System.nanoTime() > Math.min(giveUpAt, standbysUntil);
      if (readyServices.size() == installation.services().size() || lastLook) {
        ClusterStatus status = reader.read(parts.programs());
        if (lastLook || status.whole() && ready.get()) {
          return status;
        }
        if (standbysUntil == Long.MAX_VALUE && ready.get() && usable(status)) {
          standbysUntil = System.nanoTime() + FOR_STANDBYS.toNanos();
        }
      }
      Thread.sleep(LOOK.toMillis());
    }
  }

  private static boolean usable(ClusterStatus status) {
    return status.haproxy().well()
        && status.groups().stream().allMatch(g -> g.primary() != null && g.transition() == null);
  }

  private void tellReadyServices() {
    for (ServiceProcess process : installation.services()) {
      if (!readyServices.contains(process)
          && health.ready(installation.ports().http(process)).ready()) {
        readyServices.add(process);
        terminal.step(process.programName() + " is ready");
      }
    }
  }

  /**
   * Whether the cluster was declared ready is only in the log: all of it is read, news are told.
   * Right after Kafka's start its topics are still being made; then, and whenever reading fails, it
   * is read again.
   */
  private void follow(Instant since) {
    LogReader log = new LogReader(installation.bootstrapServers());
    while (!stopped.get()) {
      try {
        log.follow(
            Instant.EPOCH,
            stopped::get,
            envelope -> {
              if (envelope.cluster().equals(installation.cluster())) {
                noteReadiness(envelope.data());
                tell(envelope, since);
              }
            });
      } catch (RuntimeException e) {
        LockSupport.parkNanos(LOOK.toNanos());
      }
    }
  }

  private void noteReadiness(Event event) {
    if (event instanceof ProvisionerEvent.ClusterDeclared) {
      ready.set(false);
    } else if (event instanceof ProvisionerEvent.ClusterReady) {
      ready.set(true);
    }
  }

  private void tell(Envelope<Event> envelope, Instant since) {
    if (!envelope.time().isBefore(since) && !stopped.get() && ofInterest(envelope.data())) {
      String group =
          envelope.data().aboutGroup().isPresent()
              ? "group " + envelope.data().aboutGroup().getAsInt() + ": "
              : "";
      String sentence = group + EventSentence.of(envelope.data());
      if (told.add(sentence)) {
        terminal.step(sentence);
      }
    }
  }

  /** The milestones and the troubles; every step is in ./shardguard events. */
  private static boolean ofInterest(Event event) {
    return switch (event) {
      case ProvisionerEvent e ->
          !(e instanceof ProvisionerEvent.MemberStarted
              || e instanceof ProvisionerEvent.RejoinStarted);
      // A member that never answered is only being made.
      case MonitorEvent e ->
          e instanceof MonitorEvent.NodeDown down
              ? down.silentMillis() >= 0
              : e instanceof MonitorEvent.ObserverIsolated;
      case TransitionEvent e ->
          e instanceof TransitionEvent.TransitionCompleted
              || e instanceof TransitionEvent.TransitionAbandoned
              || e instanceof TransitionEvent.StepFailed;
      case ReplicationEvent e ->
          e instanceof ReplicationEvent.StandbyAttached
              || e instanceof ReplicationEvent.StandbyDetached
              || e instanceof ReplicationEvent.RogueFound
              || e instanceof ReplicationEvent.FailoverRefused;
      case OperatorEvent e -> true;
      case LoadBalancerEvent e -> e instanceof LoadBalancerEvent.LoadBalancerRejected;
    };
  }
}
