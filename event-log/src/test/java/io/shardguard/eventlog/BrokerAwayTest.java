package io.shardguard.eventlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shardguard.testkit.FreePorts;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeoutException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Nobody listens: whoever asks must get its answer in time, to say so or to try again. */
class BrokerAwayTest {

  private static final Duration DEADLINE = Duration.ofSeconds(2);

  /** Well below what Kafka's clients wait by default: 10 to 60 s. */
  private static final Duration SOON = Duration.ofSeconds(8);

  private final String nowhere = "127.0.0.1:" + FreePorts.on("127.0.0.1");
  private final LogReader log = new LogReader(nowhere);

  @Test
  void theTopologyTimesOutWithinItsDeadline() {
    timesOutSoon(() -> log.topology(DEADLINE));
  }

  @Test
  void theEventsTimeOutWithinTheirDeadline() {
    timesOutSoon(() -> log.events(DEADLINE, event -> {}));
  }

  @Test
  void theObservationsTimeOutWithinTheirDeadline() {
    timesOutSoon(() -> log.observations("demo", Instant.EPOCH, DEADLINE));
  }

  @Test
  void makingTheTopicsTimesOutWithinItsDeadline() {
    timesOutSoon(() -> KafkaTopics.createMissing(nowhere, (short) 1, DEADLINE));
  }

  private static void timesOutSoon(ThrowingCallable call) {
    long start = System.nanoTime();
    assertThatThrownBy(call).isInstanceOf(TimeoutException.class).hasMessageNotContaining("null");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(SOON);
  }
}
