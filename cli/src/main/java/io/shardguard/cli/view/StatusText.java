package io.shardguard.cli.view;

import io.shardguard.cli.view.ClusterStatus.GroupStatus;
import io.shardguard.cli.view.ClusterStatus.MemberStatus;
import io.shardguard.cli.view.ClusterStatus.ServiceStatus;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A cluster's status for people. */
public final class StatusText {

  private StatusText() {}

  public static String of(ClusterStatus status) {
    StringBuilder text = new StringBuilder();
    text.append("Cluster ")
        .append(status.cluster())
        .append(", engine: ")
        .append(status.engine() == null ? "not known (no answer)" : status.engine())
        .append("\n\n");
    text.append(members(status)).append("\n\n");
    text.append(parts(status)).append("\n\n");
    if (!status.notes().isEmpty()) {
      text.append("To be known:\n  ").append(String.join("\n  ", status.notes())).append("\n\n");
    }
    text.append(status.whole() ? "Everything is as it should be." : problems(status));
    return text.toString();
  }

  private static Table members(ClusterStatus status) {
    List<String> head =
        new ArrayList<>(
            List.of(
                "GROUP",
                "MEMBER",
                "ROLE",
                "STATE",
                "TIMELINE",
                "LAG (BYTES)",
                "ELIGIBLE",
                "ADDRESS"));
    boolean engines =
        status.groups().stream()
            .flatMap(group -> group.members().stream())
            .anyMatch(m -> m.dockerEngine() != null);
    if (engines) {
      head.add("DOCKER ENGINE");
    }
    Table table = new Table(head.toArray(String[]::new));
    for (GroupStatus group : status.groups()) {
      for (MemberStatus m : group.members()) {
        List<Object> row = new ArrayList<>(cells(group, m));
        if (engines) {
          row.add(m.dockerEngine());
        }
        table.row(row.toArray());
      }
    }
    return table;
  }

  private static List<Object> cells(GroupStatus group, MemberStatus m) {
    return Arrays.asList(
        group.group(),
        m.member(),
        m.role(),
        m.maintenance() ? m.state() + ", in maintenance" : m.state(),
        m.timeline(),
        m.lagBytes(),
        m.primary() ? "-" : m.eligible() ? "yes" : "no",
        m.address());
  }

  private static Table parts(ClusterStatus status) {
    Table table = new Table("PART", "PROCESS", "HEALTH");
    table.row(
        "kafka",
        status.kafka().process(),
        status.kafka().well() ? "ready" : status.kafka().detail());
    table.row(
        "haproxy",
        status.haproxy().process(),
        status.haproxy().well() ? "ready" : status.haproxy().detail());
    for (ServiceStatus service : status.services()) {
      table.row(
          service.name(),
          service.process(),
          service.ready() ? "ready" : "not ready: " + service.detail());
    }
    return table;
  }

  private static String problems(ClusterStatus status) {
    return "Not as it should be:\n  " + String.join("\n  ", status.problems());
  }
}
