package io.shardguard.eventlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shardguard.events.Command;
import io.shardguard.events.Command.Pause;
import io.shardguard.events.Envelope;
import io.shardguard.events.Envelope.Cause;
import io.shardguard.events.EventCodec;
import io.shardguard.events.Topics;
import io.shardguard.testkit.FreePorts;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

class CommandSenderTest {

  private final Envelope<Command> command =
      EventCodec.envelope("1", "cli/me@here", Instant.EPOCH, "c" + UUID.randomUUID(), new Pause(1));

  @Test
  void aCommandIsInTheLogAtThePlaceThatIsSaid() throws Exception {
    String kafka = Broker.shared().bootstrapServers();
    KafkaTopics.createMissing(kafka, (short) 1, Broker.BOUND);
    Cause place;
    try (CommandSender sender = new CommandSender(kafka, Broker.BOUND)) {
      place = sender.send(command);
    }
    List<ConsumerRecord<String, byte[]>> rows = new ArrayList<>();
    new CommittedLog(kafka)
        .readToEnd(
            Topics.COMMANDS,
            null,
            Broker.BOUND,
            row -> {
              if (command.cluster().equals(row.key())) {
                rows.add(row);
              }
            });
    assertThat(rows).hasSize(1);
    assertThat(new EventCodec().readCommand(rows.getFirst().value())).isEqualTo(command);
    assertThat(new Cause(Topics.COMMANDS, rows.getFirst().partition(), rows.getFirst().offset()))
        .isEqualTo(place);
  }

  @Test
  void withoutABrokerItSaysSoWithinTheDeadline() {
    String nowhere = "127.0.0.1:" + FreePorts.on("127.0.0.1");
    try (CommandSender sender = new CommandSender(nowhere, Duration.ofSeconds(2))) {
      assertThatThrownBy(() -> sender.send(command)).isInstanceOf(TimeoutException.class);
    }
  }
}
