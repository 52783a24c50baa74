package io.shardguard.provisioner.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardguard.events.Epoch;
import io.shardguard.events.GroupTopology;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class KnownTopologyTest {

  private final KnownTopology known = new KnownTopology();
  private final List<Long> told = new ArrayList<>();

  @Test
  void recordsFromBeforeTheBeginningAreNotTakenForNews() {
    known.onChange((topology, said) -> told.add(topology.epoch().value()));
    known.learn(group(1), 3, Instant.EPOCH);
    known.begin(List.of(group(5)), 8);
    known.learn(group(2), 7, Instant.EPOCH);
    known.learn(group(6), 8, Instant.EPOCH);

    assertThat(told).containsExactly(6L);
    assertThat(known.of(1).epoch()).isEqualTo(new Epoch(6));
  }

  @Test
  void recordsThatComeAgainAreLeftOut() {
    known.begin(List.of(), 0);
    known.learn(group(1), 0, Instant.EPOCH);
    known.learn(group(2), 1, Instant.EPOCH);
    known.learn(group(1), 0, Instant.EPOCH);

    assertThat(known.of(1).epoch()).isEqualTo(new Epoch(2));
  }

  private static GroupTopology group(long epoch) {
    return GroupTopology.steady("demo", 1, List.of(), new Epoch(epoch), null, null, null, Set.of());
  }
}
