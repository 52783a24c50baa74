package io.shardguard.failover;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardguard.events.Event;
import io.shardguard.events.TransitionEvent.StandbySealed;
import io.shardguard.events.TransitionEvent.StepFailed;
import io.shardguard.failover.core.ClusterState;
import io.shardguard.failover.core.DecisionCore;
import io.shardguard.failover.core.Input;
import io.shardguard.failover.replay.BasisWriter;
import io.shardguard.failpoints.Failpoints;
import io.shardguard.testkit.PostgresServer;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.RoundRobinPartitioner;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real pair; the log takes whatever is decided. */
class ClusterOwnerTest {

  private static final Duration GENEROUS = Duration.ofSeconds(60);

  @TempDir Path secrets;
  private final Vertx vertx = Vertx.vertx();
  private final BlockingQueue<Input.Done> outcomes = new LinkedBlockingQueue<>();
  private PostgresServer primary;
  private PostgresServer standby;

  @BeforeEach
  void start() throws Exception {
    primary = PostgresServer.start("w-a");
    standby = primary.standby("w-b").start();
    Files.writeString(secrets.resolve("postgres.password"), PostgresServer.PASSWORD);
  }

  @AfterEach
  void stop() {
    standby.close();
    primary.close();
    vertx.close();
  }

  @Test
  void theFirstActionAfterATakeoverWaitsForItsSessionThoughAnotherMemberHangs() throws Exception {
    primary.freeze();
    try (ClusterOwner owner = owner(Configs.generous(secrets))) {
      assertThat(firstOutcome(owner)).isInstanceOf(StandbySealed.class);
    } finally {
      primary.thaw();
    }
  }

  @Test
  void anActionOnAMemberThatHangsFailsOnceItsSessionCouldNotBeOpenedInTime() throws Exception {
    standby.freeze();
    try (ClusterOwner owner = owner(Configs.opening(secrets, "1s"))) {
      assertThat(firstOutcome(owner))
          .isInstanceOfSatisfying(
              StepFailed.class,
              failed -> assertThat(failed.reason()).isEqualTo("no session to the member was open"));
    } finally {
      standby.thaw();
    }
  }

  /** Of what is asked for when the primary is down, by an owner that has just begun. */
  private Event firstOutcome(ClusterOwner owner) throws InterruptedException {
    owner.keepSessionsOpen();
    owner.take(new Input.Observed(DeadPrimary.seen(false)), Instant.now(), Optional.empty());
    owner.commit();
    Input.Done first = outcomes.poll(GENEROUS.toSeconds(), TimeUnit.SECONDS);
    assertThat(first).as("what came of the first action").isNotNull();
    return first.event().orElseThrow();
  }

  private ClusterOwner owner(FailoverConfig config) {
    MockProducer<String, byte[]> log =
        new MockProducer<>(
            true, new RoundRobinPartitioner(), new StringSerializer(), new ByteArraySerializer());
    log.initTransactions();
    return new ClusterOwner(
        new DecisionCore(config.failover().policy()),
        ClusterState.of("demo", List.of(DeadPrimary.pair("demo", primary, standby))),
        new BasisWriter("test", config.failover().policy()),
        new DecisionTransaction(log, () -> null),
        new Lanes(vertx, config, "test"),
        config,
        Failpoints.OFF,
        outcomes::add);
  }
}
