package io.shardguard.cli.drill.nemesis;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardguard.cli.drill.nemesis.NemesisReport.FaultRecord;
import io.shardguard.cli.drill.nemesis.NemesisReport.Rows;
import io.shardguard.cli.drill.nemesis.TransferLedger.Audit;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NemesisReportTest {

  private static final Instant AT = Instant.parse("2026-11-24T08:00:00Z");
  private static final Audit EXACT =
      new Audit(10, 0, List.of(), List.of(), List.of(), 0, List.of());

  @Test
  void withoutLossAndWithEveryGroupHealedItPasses() {
    NemesisReport report = report(List.of(), EXACT, true, null);
    assertThat(report.passed()).isTrue();
    assertThat(NemesisText.of(report)).contains("Passed: 1 faults").contains("events.jsonl");
  }

  @Test
  void aLostRowFailsIt() {
    assertThat(report(List.of(3L), EXACT, true, null).passed()).isFalse();
  }

  @Test
  void aHalfAppliedTransferFailsIt() {
    Audit half = new Audit(10, 0, List.of(), List.of(4L), List.of(), 2, List.of());
    assertThat(report(List.of(), half, true, null).passed()).isFalse();
  }

  @Test
  void aGroupThatHealsTooLateFailsIt() {
    assertThat(report(List.of(), EXACT, false, null).passed()).isFalse();
  }

  @Test
  void whoInterruptsItHasNotSeenItPass() {
    assertThat(report(List.of(), EXACT, true, "it was interrupted").passed()).isFalse();
  }

  private static NemesisReport report(List<Long> lost, Audit audit, boolean inTime, String ended) {
    FaultRecord fault =
        new FaultRecord(
            1,
            "kill",
            "kill",
            List.of("worker-1a"),
            null,
            AT,
            AT,
            Map.of(1, 700L),
            inTime ? 900L : null,
            inTime,
            List.of());
    return new NemesisReport(
        "demo",
        "Citus",
        1,
        AT,
        60,
        "accounts",
        List.of(fault),
        new Rows(10, lost, 0, List.of(), 0),
        audit,
        ended,
        null,
        "events.jsonl",
        Map.of());
  }
}
