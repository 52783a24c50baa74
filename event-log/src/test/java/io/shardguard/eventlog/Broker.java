package io.shardguard.eventlog;

import io.shardguard.testkit.KafkaServer;
import java.time.Duration;

/** The one broker of this module's tests; it goes away with the JVM. */
final class Broker {

  /** Far more than anything takes that works. */
  static final Duration BOUND = Duration.ofSeconds(60);

  private static KafkaServer kafka;

  private Broker() {}

  static synchronized KafkaServer shared() {
    if (kafka == null) {
      kafka = KafkaServer.started();
    }
    return kafka;
  }
}
