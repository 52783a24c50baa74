package io.shardguard.healthmonitor;

import io.shardguard.eventlog.EventPublisher;
import io.shardguard.events.EventCodec;
import io.shardguard.events.MonitorEvent;
import io.shardguard.events.Observation;
import io.smallrye.mutiny.Uni;
import io.smallrye.reactive.messaging.MutinyEmitter;
import io.smallrye.reactive.messaging.kafka.api.OutgoingKafkaRecordMetadata;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.reactive.messaging.Channel;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.jboss.logging.Logger;

/**
 * What waits for Kafka. Events are kept and sent one after the other, in order, until Kafka has
 * them; of observations only the newest waits. Neither grows without bound while Kafka is away.
 */
@ApplicationScoped
public class Outbox {

  private static final Logger LOG = Logger.getLogger(Outbox.class);
  private static final int MOST_EVENTS = 10_000;
  private static final Duration RETRY = Duration.ofSeconds(1);

  private final EventCodec codec = new EventCodec();
  private final EventPublisher publisher;
  private final MutinyEmitter<byte[]> observations;
  private final String cluster;
  private final MonitorMetrics metrics;

  /** An event, and when it was seen. */
  private record Seen(MonitorEvent event, Instant at) {}

  private final Deque<Seen> waiting = new ArrayDeque<>();
  private boolean sending;
  private Observation newest;
  private boolean observing;
  private volatile Instant acknowledged = Instant.MIN;
  private volatile String trouble = "nothing was sent yet";

  @Inject
  Outbox(
      EventPublisher publisher,
      @Channel("observations") MutinyEmitter<byte[]> observations,
      @ConfigProperty(name = "shardguard.cluster") String cluster,
      MonitorMetrics metrics) {
    this.publisher = publisher;
    this.observations = observations;
    this.cluster = cluster;
    this.metrics = metrics;
  }

  /**
   * Sends the events after those that wait.
   *
   * @param at when that was seen: a verdict that reaches Kafka late is no news
   */
  public void publish(List<MonitorEvent> events, Instant at) {
    synchronized (this) {
      events.forEach(event -> waiting.add(new Seen(event, at)));
      while (waiting.size() > MOST_EVENTS) {
        LOG.errorf(
            "cluster=%s Kafka has been away for too long: dropped the oldest event %s",
            cluster, waiting.poll().event());
      }
    }
    sendNext();
  }

  /** Sends the observation, or has it wait in the place of an older one. */
  public void observe(Observation observation) {
    synchronized (this) {
      newest = observation;
    }
    observeNext();
  }

  /** When Kafka last acknowledged an observation; {@link Instant#MIN} if never. */
  public Instant acknowledged() {
    return acknowledged;
  }

  /** Why the last observation did not reach Kafka; empty if it did. */
  public String trouble() {
    return trouble;
  }

  private void sendNext() {
    Seen next;
    synchronized (this) {
      if (sending || waiting.isEmpty()) {
        return;
      }
      sending = true;
      next = waiting.peek();
    }
    Uni.createFrom()
        .deferred(() -> publisher.publish(next.event(), next.at()))
        .onFailure()
        .invoke(e ->
            LOG.warnf(
                "cluster=%s Kafka did not take %s, it is sent again: %s",
                cluster, next.event(), e.getMessage()))
        .onFailure()
        .retry()
        .withBackOff(RETRY, RETRY.multipliedBy(5))
        .indefinitely()
        .subscribe()
        .with(
            done -> sent(next),
            failure -> LOG.errorf(failure, "cluster=%s %s was not sent", cluster, next.event()));
  }

  private void sent(Seen event) {
    synchronized (this) {
      sending = false;
      // Not there any more if it was dropped meanwhile.
      if (waiting.peek() == event) {
        waiting.poll();
      }
    }
    sendNext();
  }

  private void observeNext() {
    Observation next;
    synchronized (this) {
      if (observing || newest == null) {
        return;
      }
      observing = true;
      next = newest;
      newest = null;
    }
    Uni.createFrom()
        .deferred(() -> observations.sendMessage(message(next)))
        .subscribe()
        .with(done -> observed(""), failure -> observed(String.valueOf(failure.getMessage())));
  }

  private void observed(String failure) {
    if (failure.isEmpty()) {
      acknowledged = Instant.now();
      metrics.observed();
    } else if (!failure.equals(trouble)) {
      LOG.warnf("cluster=%s Kafka did not take an observation: %s", cluster, failure);
    }
    trouble = failure;
    synchronized (this) {
      observing = false;
    }
    observeNext();
  }

  private Message<byte[]> message(Observation observation) {
    String id = UUID.randomUUID().toString();
    return Message.of(codec.write(EventCodec.envelope(id, cluster, observation)))
        .addMetadata(OutgoingKafkaRecordMetadata.<String>builder().withKey(cluster).build());
  }
}
