package io.shardguard.failover;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Liveness;
import org.eclipse.microprofile.health.Readiness;

/** What the health endpoints say of the decision loop. */
final class DecisionHealth {

  /** A poll takes half a second at the most, a transaction 15 s. */
  private static final Duration POLL_WITHIN = Duration.ofSeconds(20);

  private DecisionHealth() {}

  /**
   * Ready: Kafka answers and gave this instance its share; which clusters, and how far they are
   * read.
   */
  @Readiness
  @ApplicationScoped
  static class Ready implements HealthCheck {

    @Inject DecisionLoop loop;

    @Override
    public HealthCheckResponse call() {
      boolean polls = loop.lastPoll().isAfter(Instant.now().minus(POLL_WITHIN));
      HealthCheckResponseBuilder response =
          HealthCheckResponse.named("decisions")
              .status(polls && loop.trouble().isEmpty())
              .withData("trouble", loop.trouble())
              .withData("clusters", String.join(",", loop.owned().keySet()));
      loop.read().forEach((partition, offset) -> response.withData(partition.toString(), offset));
      return response.build();
    }
  }

  /** Dead: another instance took over while this one believed to own a cluster. */
  @Liveness
  @ApplicationScoped
  static class Live implements HealthCheck {

    @Inject DecisionLoop loop;

    @Override
    public HealthCheckResponse call() {
      return HealthCheckResponse.named("not fenced").status(!loop.fenced()).build();
    }
  }
}
