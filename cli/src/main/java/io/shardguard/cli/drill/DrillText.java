package io.shardguard.cli.drill;

import io.shardguard.cli.view.Table;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** A drill's report for people. */
final class DrillText {

  private DrillText() {}

  static String of(DrillReport report) {
    StringBuilder text = new StringBuilder();
    text.append("Drill ")
        .append(report.drill())
        .append(" on cluster ")
        .append(report.cluster())
        .append(": ")
        .append(report.fault())
        .append(": ")
        .append(report.member())
        .append(", group ")
        .append(report.group())
        .append(", at ")
        .append(report.injectedAt())
        .append("\nEngine: ")
        .append(report.engine())
        .append("\n\n");
    text.append(outages(report)).append("\n\n");
    text.append(rows(report.rows())).append("\n\n");
    if (!report.errors().isEmpty()) {
      Table errors = new Table("TIMES", "ERROR");
      report.errors().forEach((message, times) -> errors.row(times, message));
      text.append(errors).append("\n\n");
    }
    text.append(events(report)).append("\n\n").append(verdict(report));
    return text.toString();
  }

  private static Table outages(DrillReport report) {
    Table table = new Table("KEYS", "OUTAGE (MS)", "LONGEST GAP BEFORE (MS)", "ACKNOWLEDGED");
    report
        .outages()
        .forEach(o -> table.row(o.keys(), o.outageMillis(), o.gapBeforeMillis(), o.acknowledged()));
    return table;
  }

  private static Table rows(DrillReport.Rows rows) {
    return new Table("ROWS ACKNOWLEDGED", "LOST", "DUPLICATED", "UNKNOWN", "OF THESE PRESENT")
        .row(
            rows.acknowledged(),
            rows.lost(),
            rows.duplicated(),
            rows.unknown(),
            rows.unknownPresent());
  }

  private static Table events(DrillReport report) {
    List<Incident.Entry> entries = new ArrayList<>(report.events());
    // The others' longest gap is no outage, and would only confuse here.
    report.outages().stream()
        .limit(1)
        .forEach(o -> {
          entries.add(
              new Incident.Entry(
                  o.lastBeforeMillis(),
                  "drill",
                  "",
                  "last acknowledged write before the outage, " + o.keys()));
          entries.add(
              new Incident.Entry(
                  o.firstAfterMillis(),
                  "drill",
                  "",
                  "first acknowledged write after it, " + o.keys()));
        });
    if (report.ddlMillis() != null) {
      entries.add(new Incident.Entry(report.ddlMillis(), "drill", "", "DDL works"));
    }
    entries.sort(Comparator.comparingLong(Incident.Entry::millis));
    Table table = new Table("MS AFTER THE FAULT", "SAID BY", "WHAT");
    entries.forEach(e -> table.row("%18d".formatted(e.millis()), e.source(), e.text()));
    return table;
  }

  private static String verdict(DrillReport report) {
    List<String> faults = new ArrayList<>();
    if (report.rows().lost() > 0) {
      faults.add(report.rows().lost() + " acknowledged rows are lost");
    }
    if (report.rows().duplicated() > 0) {
      faults.add(report.rows().duplicated() + " rows are there twice");
    }
    if (report.takeover() && report.completedMillis() == null) {
      faults.add("no failover was completed in time");
    }
    if (!report.takeover() && report.completedMillis() != null) {
      faults.add(report.newPrimary() + " took over, which was not needed");
    }
    if (report.ddlMillis() == null) {
      faults.add("no table could be distributed in time");
    }
    if (report.healedMillis() == null) {
      faults.add("the group did not get its standby back in time");
    }
    return faults.isEmpty()
        ? "Passed: nothing was lost; "
            + (report.takeover()
                ? report.newPrimary() + " took over after " + report.completedMillis() + " ms,"
                : "the primary stayed,")
            + " DDL worked after "
            + report.ddlMillis()
            + " ms, and the group was whole again after "
            + report.healedMillis()
            + " ms."
        : "FAILED: " + String.join("; ", faults) + ".";
  }
}
