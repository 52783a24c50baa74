package io.shardguard.failover.explain;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardguard.events.TransitionEvent.StandbySealed;
import io.shardguard.events.TransitionEvent.TransitionStarted;
import io.shardguard.failover.replay.LogEntry;
import io.shardguard.failover.replay.RecordedLog;
import io.shardguard.failover.replay.Scenes;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExplainTest {

  private final RecordedLog failover = Scenes.failover();

  @Test
  void aTransitionIsToldFromWhatWasSeenToItsEnd() {
    Explanation told = transition(failover, null);
    assertThat(told.title())
        .startsWith("Group 1: failover from w-a to w-b, epoch 2, begun 2026-11-23T12:")
        .contains("completed after ")
        .contains(id(failover));
    assertThat(section(told, "What was seen, by whom"))
        .anyMatch(line ->
            line.startsWith("m1 said at ")
                && line.contains("w-a is down")
                && line.endsWith("refused"))
        .anyMatch(line -> line.contains("w-b is UP") && line.contains("a standby on timeline 1"))
        .anyMatch(line -> line.contains("w-a is DOWN (CONNECTION_REFUSED_WITNESSED"));
    assertThat(section(told, "The rule that fired"))
        .contains(
            "the primary is down.",
            "To be sealed before one of them is promoted: w-b",
            "The end of w-a was not known yet.");
    assertThat(section(told, "The candidate"))
        .anyMatch(line -> line.startsWith("w-b was sealed at 0/5000000"))
        .contains("w-b was chosen, with WAL up to 0/5000000");
    assertThat(section(told, "How long each phase took"))
        .extracting(line -> line.replaceFirst("^ *\\d+ ms  ", ""))
        .containsExactly(
            "from its last answer to the decision",
            "sealing",
            "choosing and promoting",
            "until the end of the old primary was a fact",
            "telling the primaries of all groups",
            "settling two-phase commits",
            "in all",
            "until a standby was eligible again");
    assertThat(told.sections()).noneMatch(s -> s.heading().equals("What is blocking now"));
  }

  @Test
  void anOpenTransitionSaysWhatItWaitsFor() {
    Explanation told = transition(Scenes.openFailover(), null);
    assertThat(told.title()).contains(": open (");
    assertThat(section(told, "What is blocking now"))
        .containsExactly("w-b is to be sealed: w-b is up, as a standby");
  }

  @Test
  void aTransitionIsToldAsItStoodThen() {
    Instant sealed = time(StandbySealed.class, failover);
    Explanation told = transition(failover, sealed);
    assertThat(told.title()).contains(": open (");
    assertThat(section(told, "What is blocking now")).first().asString().contains("to take writes");
  }

  @Test
  void aRefusalIsGivenWithItsReasonAndWhatWasSeen() {
    Explanation told = Explain.group(Scenes.refusal(), 1, null).orElseThrow();
    assertThat(told.title()).endsWith("w-a is the primary. Nobody is eligible.");
    assertThat(section(told, "What is blocking now"))
        .anyMatch(line ->
            line.contains(
                "(NO_ELIGIBLE_STANDBY): no standby surely holds every acknowledged commit"))
        .anyMatch(line -> line.startsWith("seen: w-a is DOWN"))
        .anyMatch(line -> line.startsWith("The primary does not serve: w-a is down"))
        .anyMatch(line -> line.startsWith("w-b is down"));
    assertThat(section(told, "What was decided"))
        .contains("eligible: nobody")
        .anyMatch(
            line -> line.contains("w-b is eligible no more [w-b is down (SILENT_WITNESSED)]"));
  }

  @Test
  void aWholeGroupWaitsForNothing() {
    Explanation told = Explain.group(failover, 1, null).orElseThrow();
    assertThat(told.title()).isEqualTo("Group 1 now, as far as the log says: w-b is the primary.");
    assertThat(section(told, "What is blocking now"))
        .containsExactly("Nothing: the group is whole.");
    assertThat(section(told, "The newest transitions"))
        .hasSize(2)
        .first()
        .asString()
        .contains("failover from w-a to w-b");
    assertThat(section(told, "What is believed"))
        .anyMatch(line -> line.contains("w-a is UP") && line.contains("a standby"))
        .anyMatch(line -> line.contains("w-b is UP") && line.contains("w-a is streaming (quorum"));
  }

  @Test
  void aGroupIsToldAsItStoodAtATime() {
    Instant before = time(TransitionStarted.class, failover).plusMillis(1);
    Explanation told = Explain.group(failover, 1, before).orElseThrow();
    assertThat(told.title()).isEqualTo("Group 1 at " + before + ": no primary yet.");
    assertThat(Explain.groups(failover, before)).hasSize(1);
    assertThat(Explain.group(failover, 1, Instant.parse("2026-11-23T11:00:00Z"))).isEmpty();
    assertThat(Explain.group(failover, 7, null)).isEmpty();
    assertThat(Explain.transition(failover, "g1-e9-1", null)).isEmpty();
  }

  private static Explanation transition(RecordedLog log, Instant at) {
    return Explain.transition(log, id(log), at).orElseThrow();
  }

  /** The newest transition. */
  private static String id(RecordedLog log) {
    return log.entries().stream()
        .filter(e -> e instanceof LogEntry.OfEvent)
        .map(e -> ((LogEntry.OfEvent) e).envelope().data())
        .filter(e -> e instanceof TransitionStarted)
        .map(e -> ((TransitionStarted) e).transition())
        .reduce((a, b) -> b)
        .orElseThrow();
  }

  /** Of the newest sealing, or the first of another kind. */
  private static Instant time(Class<?> type, RecordedLog log) {
    return log.entries().stream()
        .filter(
            e -> e instanceof LogEntry.OfEvent event && type.isInstance(event.envelope().data()))
        .map(e -> ((LogEntry.OfEvent) e).envelope().time())
        .reduce((a, b) -> type == StandbySealed.class ? b : a)
        .orElseThrow();
  }

  private static List<String> section(Explanation told, String heading) {
    return told.sections().stream()
        .filter(s -> s.heading().equals(heading))
        .findFirst()
        .orElseThrow(() -> new AssertionError(heading + " is not in " + told))
        .lines();
  }
}
