package io.shardguard.lbconfigurator;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.shardguard.eventlog.EventPublisher;
import io.shardguard.events.Event;
import io.shardguard.events.LoadBalancerEvent.LoadBalancerConfigured;
import io.shardguard.events.LoadBalancerEvent.LoadBalancerRejected;
import io.shardguard.lbconfigurator.core.HaproxyConfig;
import io.shardguard.lbconfigurator.core.Routes;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import org.jboss.logging.Logger;

/**
 * Says what was done: in the log of events, in metrics, on the console. Never holds up who reports.
 */
@ApplicationScoped
class Reports {

  private static final Logger LOG = Logger.getLogger(Reports.class);

  private final EventPublisher events;
  private final String cluster;
  private final Counter reloads;
  private final Counter rejected;
  private final Counter cutSessions;
  private final Timer configure;

  @Inject
  Reports(EventPublisher events, LbConfig config, MeterRegistry metrics) {
    this.events = events;
    this.cluster = config.cluster();
    this.reloads = metrics.counter("shardguard.loadbalancer.reloads");
    this.rejected = metrics.counter("shardguard.loadbalancer.rejected");
    this.cutSessions = metrics.counter("shardguard.loadbalancer.sessions.cut");
    this.configure =
        Timer.builder("shardguard.loadbalancer.configure")
            .description("From the newest topology record to the routes being in force")
            .register(metrics);
  }

  void configured(HaproxyConfig config, Routes routes, int cut, Duration took) {
    configure.record(took);
    LOG.infof(
        "routes in force cluster=%s hash=%s primaries=%s cut=%d millis=%d",
        cluster, config.hash(), routes.primaries(), cut, took.toMillis());
    publish(new LoadBalancerConfigured(config.hash(), routes.primaries(), cut, took.toMillis()));
  }

  void rejected(String hash, String reason) {
    rejected.increment();
    LOG.errorf("configuration rejected cluster=%s hash=%s reason=%s", cluster, hash, reason);
    publish(new LoadBalancerRejected(hash, reason));
  }

  void reloaded() {
    reloads.increment();
  }

  void cut(int sessions) {
    cutSessions.increment(sessions);
  }

  private void publish(Event event) {
    try {
      events
          .publish(event)
          .subscribe()
          .with(done -> {}, failure -> LOG.warnf("an event was not kept: %s", failure));
    } catch (RuntimeException e) {
      LOG.warnf("an event was not kept: %s", e.getMessage());
    }
  }
}
