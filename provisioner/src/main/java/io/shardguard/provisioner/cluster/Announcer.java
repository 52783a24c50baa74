package io.shardguard.provisioner.cluster;

import io.micrometer.core.instrument.MeterRegistry;
import io.shardguard.eventlog.EventPublisher;
import io.shardguard.events.Event;
import io.shardguard.events.EventCodec;
import io.shardguard.events.ProvisionerEvent.RejoinMethod;
import io.shardguard.provisioner.member.MemberReports;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import org.jboss.logging.Logger;

/** Publishes events and counts; an event is tried again until Kafka has it. */
@ApplicationScoped
public class Announcer implements MemberReports {

  private static final Logger LOG = Logger.getLogger(Announcer.class);
  private static final Duration FIRST_RETRY = Duration.ofMillis(100);
  private static final Duration LONGEST_RETRY = Duration.ofSeconds(5);

  private final EventPublisher events;
  private final MeterRegistry metrics;

  @Inject
  Announcer(EventPublisher events, MeterRegistry metrics) {
    this.events = events;
    this.metrics = metrics;
  }

  @Override
  public void publish(Event event) {
    events
        .publish(event)
        .onFailure()
        .invoke(e ->
            LOG.warnf("%s is not published yet: %s", EventCodec.wireName(event), e.getMessage()))
        .onFailure()
        .retry()
        .withBackOff(FIRST_RETRY, LONGEST_RETRY)
        .indefinitely()
        .subscribe()
        .with(done -> {}, e -> LOG.errorf(e, "%s was not published", EventCodec.wireName(event)));
  }

  @Override
  public void rejoined(RejoinMethod method) {
    metrics.counter("shardguard.rejoins", "method", method.name()).increment();
  }
}
