package io.shardguard.lbconfigurator;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/**
 * Ready when the topology was read to its end and HAProxy sends connections where they are wanted.
 */
@Readiness
@ApplicationScoped
class ReadinessCheck implements HealthCheck {

  private final LoadBalancerLoop loop;
  private final TopologyView view;

  @Inject
  ReadinessCheck(LoadBalancerLoop loop, TopologyView view) {
    this.loop = loop;
    this.view = view;
  }

  @Override
  public HealthCheckResponse call() {
    Status status = loop.status();
    HealthCheckResponseBuilder response =
        HealthCheckResponse.named("routes in force").status(status.inForce());
    response.withData("topology read to its end", status.wanted() != null);
    if (status.wanted() != null) {
      response.withData("wanted", status.wanted().hash());
    }
    if (status.runningHash() != null) {
      response.withData("running", status.runningHash());
    }
    if (status.trouble() != null) {
      response.withData("trouble", status.trouble());
    }
    view.snapshot()
        .ifPresent(known ->
            known
                .unreadable()
                .forEach((group, why) ->
                    response.withData(
                        "group " + group,
                        "goes on as before, its newest state is unreadable: " + why)));
    return response.build();
  }
}
