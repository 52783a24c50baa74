package io.shardguard.cli.view;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardguard.events.Diagnosis;
import io.shardguard.events.EventCodec;
import io.shardguard.events.MonitorEvent.NodeDown;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventLineTest {

  @Test
  void aLineHasTimeGroupAndSentence() {
    NodeDown event = new NodeDown(1, "worker-1a", "m1", Diagnosis.SILENT, List.of(), -1);
    var envelope =
        EventCodec.envelope(
            "1",
            "health-monitor",
            Instant.parse("2026-11-24T08:00:00.123Z"),
            "demo",
            List.of(),
            event);
    assertThat(EventLine.of(envelope, ZoneOffset.UTC))
        .startsWith("2026-11-24 08:00:00.123  group 1  worker-1a is down: ");
  }
}
