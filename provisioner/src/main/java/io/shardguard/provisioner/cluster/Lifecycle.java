package io.shardguard.provisioner.cluster;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;

/**
 * Begins and ends with the service. The beginning waits for Kafka, so it has a thread of its own.
 */
@ApplicationScoped
public class Lifecycle {

  private final Keeper keeper;
  private volatile Thread beginning;

  @Inject
  Lifecycle(Keeper keeper) {
    this.keeper = keeper;
  }

  void start(@Observes StartupEvent event) {
    beginning = Thread.ofPlatform().name("beginning").start(this::begin);
  }

  private void begin() {
    try {
      keeper.begin();
    } catch (InterruptedException e) {
      // The service ends before it began.
    }
  }

  void stop(@Observes ShutdownEvent event) throws InterruptedException {
    if (beginning != null) {
      beginning.interrupt();
    }
    keeper.end();
  }
}
