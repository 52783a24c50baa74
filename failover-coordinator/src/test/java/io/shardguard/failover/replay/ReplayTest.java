package io.shardguard.failover.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shardguard.events.Command;
import io.shardguard.events.Event;
import io.shardguard.events.ReplicationEvent.FailoverRefused;
import io.shardguard.events.ReplicationEvent.Refusal;
import io.shardguard.events.ReplicationEvent.StandbyDetached;
import io.shardguard.events.TransitionEvent.TransitionCompleted;
import io.shardguard.events.TransitionEvent.TransitionStarted;
import io.shardguard.failover.replay.Judgement.Outcome;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReplayTest {

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aLogIsDecidedAsItWas(boolean withObservations) {
    List<Judgement> judgements = replay(Recording.ofAFailover(), withObservations, Map.of());
    assertThat(judgements).hasSizeGreaterThan(10);
    assertThat(judgements).allMatch(j -> j.outcome() == Outcome.SAME, "the same");
    assertThat(decided(judgements))
        .anyMatch(event -> event instanceof TransitionCompleted)
        .anyMatch(event -> event instanceof TransitionStarted);
  }

  @Test
  void anotherSettingTurnsAFailoverIntoARefusal() {
    Recording log = Recording.ofAFailover();
    log.later(60_000);
    log.observe(log.primaryView("w-b", "w-a", 100L), log.standby("w-a", "w-b"));
    log.nodeDown("w-b");
    List<Judgement> judgements = replay(log, false, Map.of("failovers-at-most", "1"));
    List<Judgement> different =
        judgements.stream().filter(j -> j.outcome() != Outcome.SAME).toList();
    assertThat(different).hasSize(1);
    assertThat(different.getFirst().outcome()).isEqualTo(Outcome.DIFFERENT);
    assertThat(different.getFirst().recorded().events().getFirst())
        .isInstanceOf(TransitionStarted.class);
    assertThat(((FailoverRefused) different.getFirst().present().events().getFirst()).refusal())
        .isEqualTo(Refusal.FLAPPING);
  }

  @Test
  void withObservationsADecisionIsFoundThatWouldBeMadeEarlier() {
    Recording log = Recording.formed();
    for (long silent : List.of(900L, 1900L, 2900L, 3900L)) {
      log.observe(log.primaryView("w-a", "w-b", silent), log.standby("w-b", "w-a"));
    }
    Map<String, String> sooner = Map.of("standby-silent-after", "1500ms");
    List<Judgement> added =
        replay(log, true, sooner).stream().filter(j -> j.outcome() == Outcome.ADDED).toList();
    assertThat(added).hasSize(1);
    assertThat(added.getFirst().present().events().getFirst()).isInstanceOf(StandbyDetached.class);
    assertThat(added.getFirst().repeated()).as("the next observation says the same").isEqualTo(1);
    assertThat(replay(log, false, sooner)).allMatch(j -> j.outcome() == Outcome.SAME);
  }

  @Test
  void aLaterBoundTurnsADetachmentIntoNothing() {
    Recording log = Recording.formed();
    log.observe(log.primaryView("w-a", "w-b", 3900L), log.standby("w-b", "w-a"));
    Judgement last = replay(log, false, Map.of("standby-silent-after", "8s")).getLast();
    assertThat(last.outcome()).isEqualTo(Outcome.DIFFERENT);
    assertThat(last.recorded().events()).hasAtLeastOneElementOfType(StandbyDetached.class);
    assertThat(last.present().events()).isEmpty();
  }

  @Test
  void workThatIsAskedForIsPartOfADecision() {
    List<String> lines = new ArrayList<>(Recording.ofAFailover().lines(false));
    lines.replaceAll(line -> line.replace("\"step\":\"promote\"", "\"step\":\"bar\""));
    assertThat(Replay.of(Recording.read(lines), ReplayOptions.EVERYTHING))
        .extracting(Judgement::outcome)
        .contains(Outcome.DIFFERENT);
  }

  @Test
  void anEventThatWasChangedIsADifference() {
    List<String> lines = new ArrayList<>(Recording.ofAFailover().lines(false));
    lines.replaceAll(line -> line.replace("\"candidate\":\"w-b\"", "\"candidate\":\"w-a\""));
    assertThat(Replay.of(Recording.read(lines), ReplayOptions.EVERYTHING))
        .filteredOn(j -> j.outcome() == Outcome.DIFFERENT)
        .isNotEmpty();
  }

  @Test
  void commandsAreDecidedAgainWithoutTheirTopic() {
    Recording log = Recording.formed();
    log.ordered(new Command.Pause(1)).ordered(new Command.FailOver(1, true));
    log.ordered(new Command.StartMaintenance(1, "w-b"));
    List<String> lines = new ArrayList<>(log.lines(false));
    lines.removeIf(
        line -> line.contains("shardguard.commands\",\"partition\":3,\"offset\":2,\"timestamp"));
    List<Judgement> judgements = Replay.of(Recording.read(lines), ReplayOptions.EVERYTHING);
    assertThat(judgements).allMatch(j -> j.outcome() == Outcome.SAME);
    assertThat(judgements.getLast().input()).isEqualTo("a command of cli/ops@db1");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aNewOwnerBeginsWithWhatItSeesItself(boolean withObservations) {
    Recording log = Recording.formed();
    log.nodeDown("w-a").owner("two");
    log.later(500).observe(log.down("w-a"), log.standby("w-b", "w-a")).carryOut();
    List<Judgement> judgements = replay(log, withObservations, Map.of());
    assertThat(judgements).allMatch(j -> j.outcome() == Outcome.SAME);
  }

  @Test
  void whatWasSeenWhileNobodyDecidedIsNotHeldAgainstTheNextOwner() {
    Recording log = Recording.formed();
    for (int i = 0; i < 3; i++) {
      log.missed(log.primaryView("w-a", "w-b", 100L), log.down("w-b"));
    }
    log.owner("two").later(100).ordered(new Command.Pause(1));
    log.observe(log.primaryView("w-a", "w-b", 100L), log.standby("w-b", "w-a"));
    log.ordered(new Command.Resume(1));
    assertThat(replay(log, true, Map.of())).allMatch(j -> j.outcome() == Outcome.SAME);
  }

  @Test
  void aPartOfALogBeginsWithWhatWasKnownThen() {
    Recording log = Recording.ofAFailover();
    List<String> lines = log.lines(false);
    RecordedLog whole = log.read(false);
    int first =
        lines.indexOf(
            lines.stream()
                .filter(l -> l.contains("transition-started.v1\"") && l.contains("FAILOVER"))
                .findFirst()
                .orElseThrow());
    Instant since =
        Instant.parse(lines.get(first).replaceAll(".*\"timestamp\":\"([^\"]+)\".*", "$1"));
    List<String> part = new ArrayList<>();
    part.add(LogFile.head("demo", log.now(), since, null, Replay.startAt(whole, since)));
    part.addAll(lines.subList(first - 1, lines.size() - 1));
    part.add(LogFile.end(part.size() - 1));
    List<Judgement> judgements = Replay.of(Recording.read(part), ReplayOptions.EVERYTHING);
    assertThat(judgements).allMatch(j -> j.outcome() == Outcome.SAME).hasSizeGreaterThan(5);

    part.set(0, LogFile.head("demo", log.now(), since, null, LogStart.NOTHING));
    assertThat(Replay.of(Recording.read(part), ReplayOptions.EVERYTHING))
        .anyMatch(j -> j.outcome() != Outcome.SAME);
  }

  @Test
  void oneIncidentIsDecidedAgainAlone() {
    Recording log = Recording.ofAFailover();
    RecordedLog read = log.read(false);
    TransitionStarted failover =
        (TransitionStarted)
            decided(replay(log, false, Map.of())).stream()
                .filter(e -> e instanceof TransitionStarted t && t.oldPrimary() != null)
                .findFirst()
                .orElseThrow();
    ReplayOptions incident =
        ReplayOptions.incident(read, failover.transition(), Map.of()).orElseThrow();
    List<Judgement> judgements = Replay.of(read, incident);
    assertThat(decided(judgements)).first().isEqualTo(failover);
    assertThat(decided(judgements)).last().isInstanceOf(TransitionCompleted.class);
    assertThat(judgements).allMatch(j -> j.outcome() == Outcome.SAME);
    assertThat(ReplayOptions.incident(read, "g1-e9-1", Map.of())).isEmpty();
  }

  @Test
  void aLogOfOldNeedsItsObservations() {
    List<String> lines = new ArrayList<>(Recording.ofAFailover().lines(true));
    lines.replaceAll(line -> line.replace("\"basis\":", "\"ignored\":"));
    assertThat(Replay.of(Recording.read(lines), ReplayOptions.EVERYTHING))
        .allMatch(j -> j.outcome() == Outcome.SAME)
        .hasSizeGreaterThan(10);

    lines.removeIf(line ->
        line.contains("\"topic\":\"shardguard.observations\",\"partition\":3,\"offset\":")
            && line.contains("observation.v1"));
    Set<Outcome> without =
        Replay.of(Recording.read(lines), ReplayOptions.EVERYTHING).stream()
            .map(Judgement::outcome)
            .collect(Collectors.toSet());
    assertThat(without)
        .as("undecidable, not wrongly different")
        .containsExactly(Outcome.UNDECIDABLE);
  }

  @Test
  void aSettingThatDecisionsDoNotKnowIsNamed() {
    assertThatThrownBy(() -> PolicySettings.name("failover.down-after"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("failover.down-after")
        .hasMessageContaining("failover.standby-silent-after");
    assertThatThrownBy(() -> PolicySettings.policy(Map.of("bar-after", "soon")))
        .hasMessageContaining("bar-after");
    assertThatThrownBy(() -> PolicySettings.policy(Map.of("failovers-at-most", "0")))
        .hasMessageContaining("allow at least 1");
    assertThat(PolicySettings.name("shardguard.failover.bar-after")).isEqualTo("bar-after");
  }

  private static List<Judgement> replay(
      Recording log, boolean withObservations, Map<String, String> settings) {
    return Replay.of(log.read(withObservations), new ReplayOptions(null, null, settings));
  }

  private static List<Event> decided(List<Judgement> judgements) {
    return judgements.stream().flatMap(j -> j.recorded().events().stream()).toList();
  }
}
