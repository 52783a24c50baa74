package io.shardguard.healthmonitor;

import io.shardguard.healthmonitor.core.Watch;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/** Ready: Kafka takes the observations, the members are known, and they are looked at. */
@Readiness
@ApplicationScoped
public class MonitorReadiness implements HealthCheck {

  private static final Duration FRESH = Duration.ofSeconds(5);

  private final MonitorLoop loop;
  private final Outbox outbox;
  private final MonitorConfig config;

  @Inject
  MonitorReadiness(MonitorLoop loop, Outbox outbox, MonitorConfig config) {
    this.loop = loop;
    this.outbox = outbox;
    this.config = config;
  }

  @Override
  public HealthCheckResponse call() {
    Watch watch = loop.watch();
    Instant now = Instant.now();
    boolean kafka = outbox.acknowledged().isAfter(now.minus(FRESH).minus(config.observeEvery()));
    boolean members = !watch.members().isEmpty();
    boolean probes = watch.lastLook().isAfter(now.minus(FRESH)) && loop.everyMemberProbed();
    HealthCheckResponseBuilder response =
        HealthCheckResponse.named("watching")
            .status(kafka && members && probes)
            .withData(
                "kafka",
                kafka ? "takes observations" : "does not take observations: " + outbox.trouble())
            .withData("members", watch.members().size())
            .withData("probes", probes ? "run" : "do not run")
            .withData("isolated", watch.isolated());
    return response.build();
  }
}
