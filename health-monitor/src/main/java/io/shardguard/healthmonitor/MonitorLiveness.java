package io.shardguard.healthmonitor;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/** Alive: the loop turns. */
@Liveness
@ApplicationScoped
public class MonitorLiveness implements HealthCheck {

  private static final Duration STUCK = Duration.ofSeconds(30);

  private final MonitorLoop loop;

  @Inject
  MonitorLiveness(MonitorLoop loop) {
    this.loop = loop;
  }

  @Override
  public HealthCheckResponse call() {
    Instant last = loop.watch().lastLook();
    return HealthCheckResponse.named("loop")
        .status(last.isAfter(Instant.now().minus(STUCK)))
        .withData("last-look", last.toString())
        .build();
  }
}
