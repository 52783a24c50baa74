package io.shardguard.eventlog;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardguard.events.EventCodec;
import io.shardguard.events.MonitorEvent.NodeUp;
import io.smallrye.mutiny.Uni;
import io.smallrye.reactive.messaging.MutinyEmitter;
import io.smallrye.reactive.messaging.kafka.api.OutgoingKafkaRecordMetadata;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.junit.jupiter.api.Test;

class EventPublisherTest {

  private final List<Message<byte[]>> sent = new ArrayList<>();

  /** Kafka may have been away since: whoever reads it must see how old it is. */
  @Test
  void anEventHasTheTimeAtWhichItHappenedInItsEnvelopeAndInItsRecord() throws Exception {
    Instant seen = Instant.parse("2026-11-23T12:00:00Z");

    new EventPublisher(emitter(), "demo", "health-monitor")
        .publish(new NodeUp(1, "w-a", "monitor-1", false), seen)
        .await()
        .indefinitely();

    Message<byte[]> message = sent.getFirst();
    assertThat(new EventCodec().readEvent(message.getPayload()).orElseThrow().time())
        .isEqualTo(seen);
    assertThat(message.getMetadata(OutgoingKafkaRecordMetadata.class).orElseThrow().getTimestamp())
        .isEqualTo(seen);
  }

  @SuppressWarnings("unchecked")
  private MutinyEmitter<byte[]> emitter() {
    return (MutinyEmitter<byte[]>)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {MutinyEmitter.class},
            (proxy, method, arguments) -> {
              sent.add((Message<byte[]>) arguments[0]);
              return Uni.createFrom().voidItem();
            });
  }
}
