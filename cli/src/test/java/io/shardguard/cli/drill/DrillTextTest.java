package io.shardguard.cli.drill;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.shardguard.events.EventCodec;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DrillTextTest {

  @Test
  void aDrillWithoutLossPasses() {
    assertThat(report(0, 3000L).passed()).isTrue();
    assertThat(DrillText.of(report(0, 3000L)))
        .contains("Passed: nothing was lost")
        .contains("keys of group 1");
  }

  @Test
  void aLostRowFailsTheDrill() {
    assertThat(report(1, 3000L).passed()).isFalse();
    assertThat(DrillText.of(report(1, 3000L))).contains("FAILED: 1 acknowledged rows are lost");
  }

  @Test
  void aGroupThatDoesNotHealFailsTheDrill() {
    assertThat(report(0, null).passed()).isFalse();
    assertThat(DrillText.of(report(0, null))).contains("did not get its standby back");
  }

  @Test
  void aClusterThatTakesNoDdlAnyMoreFailsTheDrill() {
    assertThat(report(0, null, 3000L).passed()).isFalse();
    assertThat(DrillText.of(report(0, null, 3000L))).contains("no table could be distributed");
  }

  @Test
  void theEdgesOfTheOutageStandAmongTheEvents() {
    List<String> lines = DrillText.of(report(0, 3000L)).lines().toList();
    int taken = indexOf(lines, "took over");
    assertThat(indexOf(lines, "last acknowledged write before")).isLessThan(taken);
    assertThat(indexOf(lines, "first acknowledged write after")).isGreaterThan(taken);
  }

  @Test
  void theJsonSaysWhetherTheDrillPassed() {
    JsonNode json = new EventCodec().mapper().valueToTree(report(0, 3000L));
    assertThat(json.path("passed").asBoolean()).isTrue();
    assertThat(json.path("injectedAt").asText()).isEqualTo("2026-11-24T08:00:00Z");
  }

  private static int indexOf(List<String> lines, String part) {
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).contains(part)) {
        return i;
      }
    }
    throw new AssertionError(part + " is in no line");
  }

  private static DrillReport report(int lost, Long healed) {
    return report(lost, 500L, healed);
  }

  private static DrillReport report(int lost, Long ddl, Long healed) {
    return new DrillReport(
        "worker-crash",
        "demo",
        "Citus 13.2",
        1,
        "worker-1a",
        "kill -9 of the postmaster, worker primary",
        true,
        "worker-1b",
        Instant.parse("2026-11-24T08:00:00Z"),
        300L,
        ddl,
        healed,
        6,
        List.of(new DrillReport.Outage("keys of group 1", 1000, 310, 12, -3, 307)),
        new DrillReport.Rows(3000, lost, 0, 2, 1, List.of()),
        Map.of("refused", 3),
        List.of(new Incident.Entry(300, "failover-coordinator", "x", "worker-1b took over")));
  }
}
