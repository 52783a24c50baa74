package io.shardguard.failover.explain;

import io.shardguard.events.Envelope;
import io.shardguard.events.Event;
import io.shardguard.events.GroupTopology;
import io.shardguard.events.ReplicationEvent.FailoverRefused;
import io.shardguard.events.ReplicationEvent.StandbyDetached;
import io.shardguard.events.TransitionEvent.TransitionStarted;
import io.shardguard.failover.core.ClusterState;
import io.shardguard.failover.explain.Explanation.Section;
import io.shardguard.failover.replay.RecordedLog;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** How a group stands, and how it came to that. */
final class GroupStory {

  private static final int TRANSITIONS_TOLD = 5;

  private final RecordedLog log;
  private final ClusterState state;
  private final GroupTopology group;
  private final Instant until;
  private final List<Envelope<Event>> events;

  /**
   * @param until what came later is not told; null: everything is
   */
  GroupStory(RecordedLog log, ClusterState state, GroupTopology group, Instant until) {
    this.log = log;
    this.state = state;
    this.group = group;
    this.until = until;
    this.events =
        Explain.events(log, until).stream()
            .filter(e -> e.data().aboutGroup().orElse(-1) == group.group())
            .toList();
  }

  Explanation tell() {
    List<Section> sections = new ArrayList<>();
    sections.add(new Section("What was decided", decided()));
    List<String> blocking = new ArrayList<>(refused());
    blocking.addAll(Blocking.of(state, group));
    sections.add(
        new Section(
            "What is blocking now",
            blocking.isEmpty() ? List.of("Nothing: the group is whole.") : blocking));
    sections.add(new Section("What is believed", believed()));
    List<String> transitions = transitions();
    if (!transitions.isEmpty()) {
      sections.add(new Section("The newest transitions", transitions));
    }
    return new Explanation(title(), List.copyOf(sections));
  }

  private String title() {
    String when = until == null ? "now, as far as the log says" : "at " + until;
    if (group.primary() == null) {
      return "Group " + group.group() + " " + when + ": no primary yet.";
    }
    String how = group.transition() == null ? "" : " A transition is open.";
    return "Group "
        + group.group()
        + " "
        + when
        + ": "
        + group.primary()
        + " is the primary."
        + (group.degraded() ? " Nobody is eligible." : "")
        + how;
  }

  private List<String> decided() {
    List<String> lines = new ArrayList<>();
    if (group.primary() != null) {
      lines.add(
          group.primary()
              + " is the primary since "
              + group.since()
              + ", epoch "
              + group.epoch()
              + ", timeline "
              + group.timeline());
      lines.add(
          "eligible: "
              + (group.eligible().isEmpty() ? "nobody" : String.join(", ", group.eligible())));
    }
    if (group.degraded()) {
      newest(StandbyDetached.class)
          .ifPresent(e -> lines.add(e.time() + "  " + EventSentence.of(e.data())));
    }
    if (group.transition() != null) {
      lines.add("open: " + group.transition().id() + ", since " + group.transition().startedAt());
    }
    if (group.paused()) {
      lines.add(
          "automatic failovers are paused since "
              + group.orders().pause().since()
              + ", by "
              + group.orders().pause().by());
    }
    if (group.orders() != null && !group.orders().maintenance().isEmpty()) {
      lines.add("in maintenance: " + String.join(", ", group.orders().maintenance()));
    }
    if (group.loss() != null) {
      lines.add(
          "the forced failover "
              + group.loss().transition()
              + " may have lost "
              + LossText.range(group.loss().from(), group.loss().to())
              + " that "
              + group.loss().oldPrimary()
              + " had");
    }
    if (group.barred() != null) {
      lines.add(
          group.barred().member()
              + (group.barred().ended() ? " is to be let in again by " : " is refused by ")
              + String.join(", ", group.barred().by()));
    }
    return lines;
  }

  private List<String> refused() {
    if (group.refusal() == null) {
      return List.of();
    }
    return newest(FailoverRefused.class)
        .map(e -> {
          FailoverRefused refused = (FailoverRefused) e.data();
          List<String> lines = new ArrayList<>();
          lines.add(
              "A failover is needed and was refused at "
                  + e.time()
                  + " ("
                  + refused.refusal()
                  + "): "
                  + refused.reason());
          refused.seen().forEach(seen -> lines.add("seen: " + seen));
          return lines;
        })
        .orElse(List.of("A failover is needed and refused: " + group.refusal()));
  }

  private Optional<Envelope<Event>> newest(Class<? extends Event> type) {
    return events.stream().filter(e -> type.isInstance(e.data())).reduce((a, b) -> b);
  }

  private List<String> believed() {
    List<String> lines = new ArrayList<>();
    Blocking.members(group).forEach(member -> lines.addAll(ViewText.of(member, state.seen())));
    return lines.isEmpty() ? List.of("What observers saw is not in the log.") : lines;
  }

  private List<String> transitions() {
    List<String> ids =
        events.stream()
            .filter(e -> e.data() instanceof TransitionStarted)
            .map(e -> ((TransitionStarted) e.data()).transition())
            .toList();
    return ids.subList(Math.max(0, ids.size() - TRANSITIONS_TOLD), ids.size()).reversed().stream()
        .flatMap(id -> TransitionStory.of(log, id, until).stream())
        .map(TransitionStory::title)
        .toList();
  }
}
