package io.shardguard.cli.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.shardguard.cli.ExitCodes;
import io.shardguard.cli.Failure;
import io.shardguard.cli.Terminal;
import io.shardguard.eventlog.CommittedLog;
import io.shardguard.eventlog.KafkaTopics;
import io.shardguard.events.Command;
import io.shardguard.events.Command.FailOver;
import io.shardguard.events.Command.Pause;
import io.shardguard.events.Envelope;
import io.shardguard.events.Envelope.Cause;
import io.shardguard.events.Epoch;
import io.shardguard.events.Event;
import io.shardguard.events.EventCodec;
import io.shardguard.events.EventCodec.UnreadableException;
import io.shardguard.events.GroupTopology;
import io.shardguard.events.OperatorEvent.CommandRefused;
import io.shardguard.events.OperatorEvent.FailoversPaused;
import io.shardguard.events.Timeline;
import io.shardguard.events.Topics;
import io.shardguard.events.TransitionEvent.TransitionCompleted;
import io.shardguard.events.TransitionEvent.TransitionStarted;
import io.shardguard.events.TransitionKind;
import io.shardguard.testkit.KafkaServer;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against a real Kafka, with failover-coordinator played; each test has a cluster of its own. */
class OrderTest {

  private static final Duration BOUND = Duration.ofSeconds(60);

  private static KafkaServer kafka;

  private final EventCodec codec = new EventCodec();
  private final String cluster = "c" + UUID.randomUUID();
  private final ByteArrayOutputStream told = new ByteArrayOutputStream();
  private final Order order;
  private final AtomicBoolean stop = new AtomicBoolean();
  private final List<Envelope<Command>> ordered = new CopyOnWriteArrayList<>();
  private KafkaProducer<String, byte[]> producer;
  private Thread coordinator;

  OrderTest() {
    order =
        new Order(
            kafka.bootstrapServers(),
            cluster,
            new Terminal(new PrintStream(told, true, StandardCharsets.UTF_8)));
  }

  @BeforeAll
  static void topics() throws Exception {
    kafka = KafkaServer.started();
    KafkaTopics.createMissing(kafka.bootstrapServers(), (short) 1, BOUND);
  }

  @AfterAll
  static void close() {
    kafka.close();
  }

  @BeforeEach
  void producer() {
    producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", kafka.bootstrapServers(), "linger.ms", "0"),
            new StringSerializer(),
            new ByteArraySerializer());
  }

  @AfterEach
  void end() throws InterruptedException {
    stop.set(true);
    if (coordinator != null) {
      coordinator.join(BOUND);
    }
    producer.close();
  }

  @Test
  void everyGroupIsPausedWithTheNameOfWhoAsked() throws Exception {
    answering(command -> List.of(new FailoversPaused(command.data().group(), command.source())));
    assertThat(order.give(List.of(new Pause(0), new Pause(1)), BOUND)).isEqualTo(ExitCodes.OK);
    assertThat(ordered).extracting(Envelope::data).containsExactly(new Pause(0), new Pause(1));
    assertThat(ordered.getFirst().source())
        .startsWith("cli/" + System.getProperty("user.name") + "@");
    assertThat(told.toString(StandardCharsets.UTF_8))
        .contains("group 0: automatic failovers are paused, by cli/")
        .contains("group 1: automatic failovers are paused, by cli/");
  }

  @Test
  void whatIsRefusedIsSaidWithItsReason() throws Exception {
    answering(command ->
        List.of(
            new CommandRefused(
                1, command.type(), command.source(), "a serves: there is nothing to replace")));
    assertThat(order.give(List.of(new FailOver(1, false)), BOUND)).isEqualTo(ExitCodes.FAILED);
    assertThat(told.toString(StandardCharsets.UTF_8)).contains("there is nothing to replace");
  }

  @Test
  void aFailoverIsWaitedForToItsEnd() throws Exception {
    answering(
        command -> List.of(started(), new TransitionCompleted(1, "t-2", "b", new Epoch(2), 17)));
    assertThat(order.give(List.of(new FailOver(1, true)), BOUND)).isEqualTo(ExitCodes.OK);
    assertThat(told.toString(StandardCharsets.UTF_8)).contains("b is primary, epoch 2");
  }

  @Test
  void aFailoverThatIsNotFinishedInTimeSaysWhatItWaitsFor() throws Exception {
    put(Topics.TOPOLOGY, cluster + "/1", codec.write(sealing()));
    answering(command -> List.of(started()));
    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> order.give(List.of(new FailOver(1, true)), Duration.ofSeconds(8)))
        .withMessageContaining("it goes on: group 1 forced failover of epoch 2 is sealing b")
        .satisfies(failure -> assertThat(failure.exitCode()).isEqualTo(ExitCodes.FAILED));
  }

  @Test
  void withoutAnAnswerItSaysWhoDoesNotGiveIt() {
    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> order.give(List.of(new Pause(1)), Duration.ofSeconds(4)))
        .withMessageContaining("failover-coordinator has not decided on it yet")
        .satisfies(failure -> assertThat(failure.exitCode()).isEqualTo(ExitCodes.FAILED));
  }

  /** What failover-coordinator says to each command; only the first event names it as its cause. */
  private void answering(Function<Envelope<Command>, List<Event>> answer) throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    coordinator =
        Thread.ofVirtual()
            .start(() ->
                new CommittedLog(kafka.bootstrapServers())
                    .follow(
                        Topics.COMMANDS,
                        null,
                        begun::countDown,
                        stop::get,
                        row -> answer(row, answer)));
    assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();
  }

  private void answer(
      ConsumerRecord<String, byte[]> row, Function<Envelope<Command>, List<Event>> answer) {
    try {
      Envelope<Command> command = codec.readCommand(row.value());
      if (command.cluster().equals(cluster)) {
        ordered.add(command);
        List<Cause> causes = List.of(new Cause(row.topic(), row.partition(), row.offset()));
        for (Event event : answer.apply(command)) {
          put(
              Topics.EVENTS,
              cluster,
              codec.write(EventCodec.envelope("1", "test", Instant.now(), cluster, causes, event)));
          causes = List.of();
        }
      }
    } catch (UnreadableException e) {
      throw new IllegalStateException(e);
    }
  }

  private void put(String topic, String key, byte[] value) {
    producer.send(new ProducerRecord<>(topic, key, value));
    producer.flush();
  }

  private static TransitionStarted started() {
    return new TransitionStarted(
        1,
        "t-2",
        TransitionKind.FORCED_FAILOVER,
        new Epoch(2),
        "a",
        false,
        List.of("b"),
        "ordered",
        List.of());
  }

  private GroupTopology sealing() {
    return new GroupTopology(
        cluster,
        1,
        List.of(),
        new Epoch(1),
        new Timeline(1),
        "a",
        Instant.EPOCH,
        Set.of(),
        null,
        new GroupTopology.Transition(
            "t-2",
            TransitionKind.FORCED_FAILOVER,
            new Epoch(2),
            "a",
            false,
            Instant.EPOCH,
            new GroupTopology.Sealing(Set.of("b"), Map.of())),
        null,
        null,
        null,
        null,
        List.of(),
        null,
        null);
  }
}
