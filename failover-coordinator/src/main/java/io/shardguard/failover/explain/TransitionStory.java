package io.shardguard.failover.explain;

import io.shardguard.events.Diagnosis;
import io.shardguard.events.Envelope;
import io.shardguard.events.Event;
import io.shardguard.events.GroupTopology;
import io.shardguard.events.MonitorEvent.NodeDown;
import io.shardguard.events.ReplicationEvent.FailoverRefused;
import io.shardguard.events.ReplicationEvent.StandbyAttached;
import io.shardguard.events.ReplicationEvent.StandbyDetached;
import io.shardguard.events.TransitionEvent;
import io.shardguard.events.TransitionEvent.BarringStarted;
import io.shardguard.events.TransitionEvent.DataLossAccepted;
import io.shardguard.events.TransitionEvent.MetadataUpdated;
import io.shardguard.events.TransitionEvent.OldPrimaryEnded;
import io.shardguard.events.TransitionEvent.PromotionStarted;
import io.shardguard.events.TransitionEvent.StandbyPromoted;
import io.shardguard.events.TransitionEvent.StandbySealed;
import io.shardguard.events.TransitionEvent.StepFailed;
import io.shardguard.events.TransitionEvent.StepSkipped;
import io.shardguard.events.TransitionEvent.TransitionAbandoned;
import io.shardguard.events.TransitionEvent.TransitionCompleted;
import io.shardguard.events.TransitionEvent.TransitionStarted;
import io.shardguard.events.TransitionEvent.TwoPhaseRecovered;
import io.shardguard.events.TransitionKind;
import io.shardguard.failover.core.ClusterState;
import io.shardguard.failover.explain.Explanation.Section;
import io.shardguard.failover.replay.RecordedLog;
import io.shardguard.failover.replay.Replay;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** How a group came to its primary. */
final class TransitionStory {

  /** Verdicts of so long before a transition may be the reason for it. */
  private static final Duration BEFORE = Duration.ofMinutes(1);

  private final RecordedLog log;
  private final List<Envelope<Event>> all;
  private final List<Envelope<Event>> steps;
  private final Envelope<Event> begin;
  private final TransitionStarted started;
  private final Instant until;
  private ClusterState before;

  private TransitionStory(
      RecordedLog log, List<Envelope<Event>> all, List<Envelope<Event>> steps, Instant until) {
    this.log = log;
    this.all = all;
    this.steps = steps;
    this.begin = steps.get(0);
    this.started = (TransitionStarted) begin.data();
    this.until = until;
  }

  /**
   * The story of a transition.
   *
   * @param until what came later is not told; null: everything is
   * @return empty if the log does not have its beginning
   */
  static Optional<TransitionStory> of(RecordedLog log, String transition, Instant until) {
    List<Envelope<Event>> all = Explain.events(log, until);
    List<Envelope<Event>> steps =
        all.stream()
            .filter(e -> e.data() instanceof TransitionEvent t && t.transition().equals(transition))
            .toList();
    boolean begins = !steps.isEmpty() && steps.get(0).data() instanceof TransitionStarted;
    return begins ? Optional.of(new TransitionStory(log, all, steps, until)) : Optional.empty();
  }

  Explanation tell() {
    List<Section> sections = new ArrayList<>();
    add(sections, "What was seen, by whom", seen());
    add(sections, "The rule that fired", rule());
    add(sections, "The candidate", candidate());
    add(sections, "How long each phase took", phases());
    add(sections, "What did not go as it should", trouble());
    add(sections, "What is blocking now", blocking());
    return new Explanation(title(), List.copyOf(sections));
  }

  private static void add(List<Section> sections, String heading, List<String> lines) {
    if (!lines.isEmpty()) {
      sections.add(new Section(heading, List.copyOf(lines)));
    }
  }

  /** One line: what it was, and how it ended. */
  String title() {
    String from = started.oldPrimary() == null ? "" : " from " + started.oldPrimary();
    String to = first(StandbyPromoted.class).map(e -> " to " + e.member()).orElse("");
    return "Group "
        + started.group()
        + ": "
        + started.kind().name().toLowerCase(Locale.ROOT).replace('_', ' ')
        + from
        + to
        + ", epoch "
        + started.epoch()
        + ", begun "
        + begin.time()
        + ": "
        + outcome()
        + " ("
        + started.transition()
        + ")";
  }

  private String outcome() {
    return first(TransitionCompleted.class)
        .map(e -> "completed after " + e.millis() + " ms")
        .or(() -> first(TransitionAbandoned.class).map(e -> "abandoned: " + e.reason()))
        .orElse("open");
  }

  /** What was known when it was begun. */
  private ClusterState stateBefore() {
    if (before == null) {
      before = Replay.stateOfDecision(log, event -> event.equals(started)).orElseThrow();
    }
    return before;
  }

  private List<String> seen() {
    List<String> lines = new ArrayList<>();
    all.stream()
        .filter(e -> !e.time().isBefore(begin.time().minus(BEFORE)))
        .filter(e -> !e.time().isAfter(begin.time()))
        .filter(e -> e.data() instanceof NodeDown n && n.group() == started.group())
        .forEach(e -> lines.add(said((NodeDown) e.data(), e.time())));
    if (stateBefore().seen().isEmpty()) {
      lines.add("What observers saw is not in the log.");
    }
    members().forEach(member -> lines.addAll(ViewText.of(member, stateBefore().seen())));
    return lines;
  }

  private static String said(NodeDown e, Instant at) {
    Diagnosis diagnosis = e.diagnosis();
    return e.observer()
        + " said at "
        + at
        + ": "
        + e.member()
        + " is down ("
        + diagnosis
        + ": "
        + diagnosis.sentence()
        + ")"
        + (e.evidence().isEmpty() ? "" : "; " + String.join("; ", e.evidence()));
  }

  private List<String> members() {
    return group()
        .map(group -> group.members().stream().map(m -> m.name()).toList())
        .orElse(started.toSeal());
  }

  private Optional<GroupTopology> group() {
    return stateBefore().group(started.group());
  }

  private List<String> rule() {
    List<String> lines = new ArrayList<>();
    lines.add(started.reason() + ".");
    started.evidence().forEach(evidence -> lines.add("Evidence: " + evidence));
    lines.add(
        "To be sealed before one of them is promoted: "
            + (started.toSeal().isEmpty() ? "nobody" : String.join(", ", started.toSeal())));
    lines.add(
        started.oldPrimaryEnded()
            ? "The old primary cannot act any more: that was known."
            : "The end of " + started.oldPrimary() + " was not known yet.");
    return lines;
  }

  private List<String> candidate() {
    List<String> lines = new ArrayList<>();
    all(StandbySealed.class)
        .forEach(e ->
            lines.add(
                e.member()
                    + " was sealed at "
                    + e.lsn()
                    + " on timeline "
                    + e.timeline()
                    + " ("
                    + e.millis()
                    + " ms)"));
    first(PromotionStarted.class)
        .ifPresent(e -> {
          lines.add(e.candidate() + " was chosen, with WAL up to " + e.lsn());
          e.rejected().forEach(r -> lines.add(r.member() + " was not: it " + r.reason()));
        });
    if (!started.toSeal().contains(started.oldPrimary())) {
      lines.addAll(neverEligible());
    }
    return lines;
  }

  /** Who was no candidate from the beginning. */
  private List<String> neverEligible() {
    return members().stream()
        .filter(m -> !m.equals(started.oldPrimary()) && !started.toSeal().contains(m))
        .map(m -> m + " was no candidate: not eligible, " + whyNotEligible(m))
        .toList();
  }

  private String whyNotEligible(String member) {
    return all.stream()
        .filter(e -> e.time().isBefore(begin.time()))
        .filter(e -> e.data() instanceof StandbyDetached d && d.standby().equals(member))
        .reduce((a, b) -> b)
        .map(e -> {
          StandbyDetached d = (StandbyDetached) e.data();
          return "detached at " + e.time() + ": " + String.join("; ", d.evidence());
        })
        .orElse("it was not attached yet");
  }

  private List<String> phases() {
    List<String> lines = new ArrayList<>();
    Instant last = begin.time();
    if (started.kind() != TransitionKind.SWITCHOVER) {
      lastAnswer().ifPresent(ms -> lines.add(line(ms, "from its last answer to the decision")));
    }
    last = phase(lines, last, lastOf(StandbySealed.class), "sealing");
    last = phase(lines, last, lastOf(StandbyPromoted.class), "choosing and promoting");
    last =
        phase(
            lines,
            last,
            lastOf(OldPrimaryEnded.class),
            "until the end of the old primary was a fact");
    last = phase(lines, last, lastOf(MetadataUpdated.class), "telling the primaries of all groups");
    last = phase(lines, last, lastOf(TwoPhaseRecovered.class), "settling two-phase commits");
    first(TransitionCompleted.class).ifPresent(e -> lines.add(line(e.millis(), "in all")));
    attached().ifPresent(ms -> lines.add(line(ms, "until a standby was eligible again")));
    return lines;
  }

  private Optional<Long> lastAnswer() {
    return Optional.ofNullable(started.oldPrimary())
        .flatMap(id -> stateBefore().view(id))
        .map(view -> view.lastAnswer())
        .map(answer -> Duration.between(answer, begin.time()).toMillis());
  }

  /** A phase that ended before the one before it took no time of its own. */
  private static Instant phase(
      List<String> lines, Instant from, Optional<Instant> to, String what) {
    if (to.isEmpty()) {
      return from;
    }
    long millis = Math.max(0, Duration.between(from, to.get()).toMillis());
    lines.add(line(millis, what));
    return to.get().isAfter(from) ? to.get() : from;
  }

  private static String line(long millis, String what) {
    return "%7d ms  %s".formatted(millis, what);
  }

  private Optional<Long> attached() {
    return all.stream()
        .filter(e -> e.time().isAfter(begin.time()))
        .filter(e -> e.data() instanceof StandbyAttached a && a.group() == started.group())
        .findFirst()
        .map(e -> Duration.between(begin.time(), e.time()).toMillis());
  }

  private Optional<Instant> lastOf(Class<? extends Event> type) {
    return steps.stream()
        .filter(e -> type.isInstance(e.data()))
        .reduce((a, b) -> b)
        .map(Envelope::time);
  }

  private List<String> trouble() {
    Stream<Envelope<Event>> refusals =
        all.stream()
            .filter(e -> e.data() instanceof FailoverRefused r && r.group() == started.group())
            .filter(e -> !e.time().isBefore(begin.time()))
            .filter(e -> lastStep().map(end -> !e.time().isAfter(end)).orElse(true));
    return Stream.concat(
            steps.stream()
                .filter(e ->
                    e.data() instanceof StepFailed
                        || e.data() instanceof StepSkipped
                        || e.data() instanceof BarringStarted
                        || e.data() instanceof DataLossAccepted),
            refusals)
        .sorted((a, b) -> a.time().compareTo(b.time()))
        .map(e -> e.time() + "  " + EventSentence.of(e.data()))
        .toList();
  }

  /** When it ended; empty while it is open. */
  private Optional<Instant> lastStep() {
    return lastOf(TransitionCompleted.class).or(() -> lastOf(TransitionAbandoned.class));
  }

  private List<String> blocking() {
    if (lastStep().isPresent()) {
      return List.of();
    }
    ClusterState now = Replay.stateAt(log, until);
    return now.group(started.group())
        .filter(group -> group.transition() != null)
        .filter(group -> group.transition().id().equals(started.transition()))
        .map(group -> Blocking.of(now, group))
        .orElse(List.of("The log does not have its end, nor is it open: a part is missing."));
  }

  private <T extends Event> Optional<T> first(Class<T> type) {
    return all(type).findFirst();
  }

  private <T extends Event> Stream<T> all(Class<T> type) {
    return steps.stream().map(Envelope::data).filter(type::isInstance).map(type::cast);
  }
}
