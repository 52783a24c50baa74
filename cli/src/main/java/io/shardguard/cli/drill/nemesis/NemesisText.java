package io.shardguard.cli.drill.nemesis;

import io.shardguard.cli.drill.nemesis.NemesisReport.FaultRecord;
import io.shardguard.cli.view.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The nemesis' report for people. */
final class NemesisText {

  private NemesisText() {}

  static String of(NemesisReport report) {
    StringBuilder text = new StringBuilder();
    text.append("Nemesis on cluster ")
        .append(report.cluster())
        .append(", seed ")
        .append(report.seed())
        .append(", ")
        .append(report.seconds())
        .append(" s from ")
        .append(report.startedAt())
        .append("\nEngine: ")
        .append(report.engine())
        .append("\nTransfers: between ")
        .append(report.transfers())
        .append("\n\n")
        .append(kinds(report.faults()))
        .append("\n\n")
        .append(data(report))
        .append("\n\n");
    if (!report.errors().isEmpty()) {
      Table errors = new Table("TIMES", "ERROR");
      report.errors().forEach((message, times) -> errors.row(times, message));
      text.append(errors).append("\n\n");
    }
    return text.append(verdict(report))
        .append("\nThe log is kept in ")
        .append(report.events())
        .toString();
  }

  /** What became of a fault, in one line. */
  static String outcome(FaultRecord fault) {
    String outages =
        fault.outages().entrySet().stream()
            .map(each ->
                (each.getKey() == 0 ? "all keys " : "group " + each.getKey() + " ")
                    + each.getValue()
                    + " ms")
            .collect(Collectors.joining(", "));
    return (fault.inTime()
            ? "whole again " + fault.healedMillis() + " ms after its end"
            : "NOT WHOLE in time: " + String.join("; ", fault.problems()))
        + "; longest without a write: "
        + outages;
  }

  private static Table kinds(List<FaultRecord> faults) {
    Map<String, List<FaultRecord>> kinds = new TreeMap<>();
    faults.stream()
        .filter(FaultRecord::injected)
        .forEach(
            fault -> kinds.computeIfAbsent(fault.kind(), kind -> new ArrayList<>()).add(fault));
    Table table =
        new Table(
            "FAULT", "TIMES", "OUTAGE (MS) MEDIAN", "MAX", "WHOLE AFTER (MS) MAX", "NOT IN TIME");
    kinds.forEach((kind, all) ->
        table.row(
            kind,
            all.size(),
            median(all),
            all.stream().mapToLong(FaultRecord::longestOutage).max().orElse(0),
            all.stream()
                .filter(fault -> fault.healedMillis() != null)
                .mapToLong(FaultRecord::healedMillis)
                .max()
                .orElse(0),
            all.stream().filter(fault -> !fault.inTime()).count()));
    return table;
  }

  private static long median(List<FaultRecord> faults) {
    List<Long> sorted = faults.stream().map(FaultRecord::longestOutage).sorted().toList();
    return sorted.get(sorted.size() / 2);
  }

  private static Table data(NemesisReport report) {
    TransferLedger.Audit audit = report.audit();
    return new Table(
            "", "ACKNOWLEDGED", "LOST", "DUPLICATED", "HALF APPLIED", "SUM OFF BY", "UNKNOWN")
        .row(
            "rows",
            report.rows().acknowledged(),
            report.rows().lost().size(),
            report.rows().duplicated().size(),
            "",
            "",
            report.rows().unknown())
        .row(
            "transfers",
            audit.acknowledged(),
            audit.lost().size(),
            audit.duplicated().size(),
            audit.halfApplied().size(),
            audit.sumOff(),
            audit.unknown());
  }

  private static String verdict(NemesisReport report) {
    long injected = report.faults().stream().filter(FaultRecord::injected).count();
    if (report.passed()) {
      return "Passed: "
          + injected
          + " faults, nothing lost, every sum exact, every group healed in time.";
    }
    List<String> wrong = new ArrayList<>();
    if (report.ended() != null) {
      wrong.add("it ended early: " + report.ended());
    }
    if (report.notHealed() > 0) {
      wrong.add("after " + report.notHealed() + " faults a group did not heal in time");
    }
    if (!report.rows().right() || !report.audit().exact()) {
      wrong.add("the data are wrong");
    }
    StringBuilder text =
        new StringBuilder("FAILED after ")
            .append(injected)
            .append(" faults: ")
            .append(String.join("; ", wrong))
            .append('.');
    if (report.firstBad() != null) {
      NemesisReport.FirstBad bad = report.firstBad();
      text.append("\nFirst bad event: ").append(bad.what());
      if (bad.acknowledgedAt() != null) {
        text.append(", acknowledged at ").append(bad.acknowledgedAt());
      }
      if (bad.fault() != null) {
        text.append("\n  the fault then: ").append(bad.fault());
      }
      if (bad.event() != null) {
        text.append("\n  the log after it: ").append(bad.event());
      }
    }
    return text.toString();
  }
}
