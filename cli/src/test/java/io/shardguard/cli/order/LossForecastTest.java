package io.shardguard.cli.order;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardguard.events.Diagnosis;
import io.shardguard.events.Epoch;
import io.shardguard.events.GroupTopology;
import io.shardguard.events.Lsn;
import io.shardguard.events.MemberAddress;
import io.shardguard.events.Observation;
import io.shardguard.events.Observation.MemberStatus;
import io.shardguard.events.Observation.MemberView;
import io.shardguard.events.Observation.Verdict;
import io.shardguard.events.Timeline;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LossForecastTest {

  private static final Instant NOW = Instant.parse("2026-11-24T08:00:00Z");

  @Test
  void whatThePrimaryWasSeenToHaveAndTheStandbyHasNotMayBeLost() {
    assertThat(forecast(Set.of(), down("a", "0/300"), standby("b", "0/100")))
        .contains(
            "Primary a was last seen at 0/300; of the standbys that answer, b has the most WAL, to 0/100.",
            "Acknowledged commits from 0/100 to 0/300 at least (512 bytes of WAL) may be lost.");
  }

  @Test
  void theOneEligibleStandbyLosesNothing() {
    assertThat(forecast(Set.of("b"), down("a", "0/300"), standby("b", "0/100")))
        .contains(
            "b is the one eligible standby: it holds every acknowledged commit, and none is lost.");
  }

  /** Each commit is on one of them, and it may be the other. */
  @Test
  void oneOfTwoEligibleStandbysMayLackSome() {
    assertThat(forecast(Set.of("b", "c"), down("a", "0/100"), standby("b", "0/100")))
        .contains(
            "Acknowledged commits from 0/100 on may be lost, if there were any after it was seen.");
  }

  @Test
  void aPrimaryThatWasNotSeenMayHaveAnything() {
    assertThat(forecast(Set.of(), standby("b", "0/100")))
        .contains("Acknowledged commits from 0/100 on may be lost.");
  }

  @Test
  void withoutAStandbyNobodyCouldBePromoted() {
    assertThat(forecast(Set.of(), down("a", "0/300"), down("b", "0/300")))
        .contains("Nobody could be promoted now.");
  }

  @Test
  void ofAGroupThatIsNotKnownNothingCanBeSaid() {
    assertThat(LossForecast.of(null, List.of())).hasSize(1);
  }

  private static List<String> forecast(Set<String> eligible, MemberView... views) {
    GroupTopology group =
        GroupTopology.steady(
            "demo",
            1,
            List.of(
                new MemberAddress("a", "127.0.0.1", 1),
                new MemberAddress("b", "127.0.0.2", 1),
                new MemberAddress("c", "127.0.0.3", 1)),
            new Epoch(1),
            new Timeline(1),
            "a",
            NOW,
            eligible);
    return LossForecast.of(group, List.of(new Observation("m1", NOW, false, List.of(views))));
  }

  private static MemberView down(String member, String lsn) {
    return new MemberView(
        1, member, Verdict.DOWN, Diagnosis.PROCESS_EXITED, NOW, status(false, lsn));
  }

  private static MemberView standby(String member, String lsn) {
    return new MemberView(1, member, Verdict.UP, null, NOW, status(true, lsn));
  }

  private static MemberStatus status(boolean recovery, String lsn) {
    return new MemberStatus(
        recovery, new Timeline(1), Lsn.parse(lsn), null, "", "on", null, List.of(), NOW);
  }
}
