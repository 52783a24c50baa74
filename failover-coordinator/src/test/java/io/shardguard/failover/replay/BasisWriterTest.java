package io.shardguard.failover.replay;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardguard.events.Basis;
import io.shardguard.events.Envelope;
import io.shardguard.events.Event;
import io.shardguard.events.EventCodec;
import io.shardguard.events.Lsn;
import io.shardguard.events.Observation;
import io.shardguard.events.Observation.MemberStatus;
import io.shardguard.events.Observation.MemberView;
import io.shardguard.events.Observation.Upstream;
import io.shardguard.events.Observation.Verdict;
import io.shardguard.events.OperatorEvent.FailoversPaused;
import io.shardguard.events.Timeline;
import io.shardguard.failover.core.ClusterState;
import io.shardguard.failover.core.Decision;
import io.shardguard.failover.core.Input;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BasisWriterTest {

  private static final int KAFKA_TAKES = 1024 * 1024;
  private static final Instant NOW = Instant.parse("2026-11-23T12:00:00.123456789Z");

  private final BasisWriter writer = new BasisWriter("one", Recording.POLICY);

  @Test
  void anObservationIsCarriedOnce() {
    Observation first = observation("m1", 4, NOW);
    assertThat(basis(first).observations()).containsExactly(first);
    Basis second = basis(first);
    assertThat(second.observations()).isEmpty();
    assertThat(second.seen()).containsOnlyKeys("m1");
    Observation next = observation("m1", 4, NOW.plusSeconds(1));
    assertThat(basis(next).observations()).containsExactly(next);
  }

  @Test
  void theObservationsOfAVeryLargeClusterDoNotMakeADecisionTooLargeForKafka() {
    Observation[] seen = {
      observation("m1", 600, NOW), observation("m2", 600, NOW), observation("m3", 300, NOW)
    };
    Basis first = basis(seen);
    assertThat(first.seen()).containsOnlyKeys("m1", "m2", "m3");
    assertThat(first.observations()).extracting(Observation::observer).containsExactly("m1", "m3");
    assertThat(bytes(first)).hasSizeLessThan(KAFKA_TAKES);
    assertThat(basis(seen).observations())
        .as("the next decision carries what is left")
        .extracting(Observation::observer)
        .containsExactly("m2");
    assertThat(basis(observation("m1", 5000, NOW)).observations()).isEmpty();
  }

  private Basis basis(Observation... seen) {
    Map<String, Observation> known = new TreeMap<>();
    for (Observation observation : seen) {
      known.put(observation.observer(), observation);
    }
    ClusterState state = ClusterState.of("demo", List.of()).believing(known, Set.of());
    Input input = new Input.Happened(new FailoversPaused(1, "x"));
    return writer.of(state, input, new Decision(state, List.of(), List.of()));
  }

  private static byte[] bytes(Basis basis) {
    Envelope<Event> envelope =
        EventCodec.envelope(
            "d", LogEntry.SOURCE, NOW, "demo", List.of(), new FailoversPaused(1, "x"));
    return new EventCodec().write(envelope, basis);
  }

  private static Observation observation(String observer, int members, Instant at) {
    Lsn lsn = Lsn.parse("FFFFFFFF/FFFFFFFF");
    Upstream upstream =
        new Upstream("a-rather-long-host-name.example.net", 54321, "streaming", 100L);
    MemberStatus status =
        new MemberStatus(
            true, new Timeline(100), lsn, lsn, "", "remote_apply", upstream, List.of(), at);
    return new Observation(
        observer,
        at,
        false,
        IntStream.range(0, members)
            .mapToObj(
                i -> new MemberView(i, "worker-with-a-name-" + i, Verdict.UP, null, at, status))
            .toList());
  }
}
