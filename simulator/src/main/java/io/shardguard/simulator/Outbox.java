package io.shardguard.simulator;

import io.shardguard.events.Event;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;

/** Events on their way to Kafka, in order, each sent until Kafka surely has it. */
final class Outbox {

  private record Said(Event event, Instant at) {}

  private final Actor actor;
  private final String source;
  private final Deque<Said> waiting = new ArrayDeque<>();
  private boolean sending;

  Outbox(Actor actor, String source) {
    this.actor = actor;
    this.source = source;
  }

  void publish(Event event) {
    waiting.add(new Said(event, actor.clock()));
    next();
  }

  private void next() {
    if (sending || waiting.isEmpty()) {
      return;
    }
    sending = true;
    actor.world.kafka.produce(
        actor,
        source,
        waiting.peek().event(),
        waiting.peek().at(),
        done -> {
          sending = false;
          if (done) {
            waiting.poll();
          }
          next();
        });
  }
}
