package io.shardguard.provisioner.cluster;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;
import org.eclipse.microprofile.health.Startup;

/** Whether the provisioner can do its work. */
@ApplicationScoped
public class Checks {

  /** Kafka was reached, the declaration is good, and the members' runtime can work. */
  @Produces
  @Readiness
  HealthCheck work(Keeper keeper) {
    return () -> {
      String trouble = keeper.trouble().isEmpty() ? keeper.runtimeTrouble() : keeper.trouble();
      return HealthCheckResponse.named("members are kept")
          .status(trouble.isEmpty())
          .withData("trouble", trouble)
          .withData("stopping", keeper.stopping())
          .build();
    };
  }

  /** The members that run were adopted, and each has its loop. */
  @Produces
  @Startup
  HealthCheck begun(Keeper keeper) {
    return () -> HealthCheckResponse.named("began").status(keeper.trouble().isEmpty()).build();
  }
}
