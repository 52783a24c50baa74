package io.shardguard.cli.drill;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardguard.events.Epoch;
import io.shardguard.events.Event;
import io.shardguard.events.EventCodec;
import io.shardguard.events.LoadBalancerEvent.LoadBalancerConfigured;
import io.shardguard.events.Lsn;
import io.shardguard.events.ReplicationEvent.StandbyAttached;
import io.shardguard.events.TransitionEvent.TransitionCompleted;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class IncidentTest {

  private static final Instant KILL = Instant.parse("2026-11-24T08:00:00Z");

  private final Incident incident = new Incident(1);

  @Test
  void timesCountFromTheKill() {
    add(250, new TransitionCompleted(1, "t1", "worker-1b", new Epoch(2), 200));
    add(4000, new StandbyAttached(1, "worker-1a", "worker-1b", Lsn.ZERO));
    assertThat(incident.completedMillis(KILL)).contains(250L);
    assertThat(incident.attachedMillis(KILL)).contains(4000L);
  }

  @Test
  void otherGroupsAreLeftOutAndTheLoadBalancerIsNot() {
    add(10, new TransitionCompleted(2, "t2", "worker-2b", new Epoch(2), 200));
    add(20, new LoadBalancerConfigured("h", Map.of(1, "worker-1b"), 0, 5));
    assertThat(incident.entries(KILL)).extracting(Incident.Entry::millis).containsExactly(20L);
  }

  @Test
  void whatHappenedBeforeTheKillIsNotOfTheIncident() throws InterruptedException {
    add(-5, new TransitionCompleted(1, "t0", "worker-1a", new Epoch(1), 200));
    assertThat(incident.entries(KILL)).isEmpty();
    assertThat(incident.awaitCompletion(KILL, Duration.ofMillis(1))).isEmpty();
  }

  @Test
  void entriesAreInTheOrderOfTime() {
    add(30, new StandbyAttached(1, "worker-1a", "worker-1b", Lsn.ZERO));
    add(20, new TransitionCompleted(1, "t1", "worker-1b", new Epoch(2), 20));
    assertThat(incident.entries(KILL)).extracting(Incident.Entry::millis).containsExactly(20L, 30L);
  }

  private void add(long millis, Event event) {
    incident.add(
        EventCodec.envelope(
            "id" + millis, "test", KILL.plusMillis(millis), "demo", List.of(), event));
  }
}
