package io.shardguard.failover.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardguard.events.Observation;
import io.shardguard.events.Observation.MemberView;
import io.shardguard.events.Observation.Verdict;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClusterStateTest {

  private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");

  /** Unordered maps have another order in each JVM; that must decide nothing, or a replay lies. */
  @Test
  void ofTwoViewsThatAreEquallyYoungTheSameIsBelievedInEveryRun() {
    for (int i = 0; i < 40; i++) {
      ClusterState state =
          ClusterState.of("demo", List.of())
              .with(says("observer-b" + i, Verdict.STARTING))
              .with(says("observer-a" + i, Verdict.UP));

      assertThat(state.view("w-a").orElseThrow().verdict()).isEqualTo(Verdict.UP);
    }
  }

  private static Observation says(String observer, Verdict verdict) {
    MemberView view = new MemberView(1, "w-a", verdict, null, NOW, null);
    return new Observation(observer, NOW, false, List.of(view));
  }
}
