package io.shardguard.healthmonitor.core;

import static io.shardguard.healthmonitor.core.Scene.alone;
import static io.shardguard.healthmonitor.core.Scene.primary;
import static io.shardguard.healthmonitor.core.Scene.primaryOf;
import static io.shardguard.healthmonitor.core.Scene.streamsFrom;
import static io.shardguard.healthmonitor.core.Scene.walsender;
import static org.assertj.core.api.Assertions.assertThat;

import io.shardguard.events.Diagnosis;
import io.shardguard.events.MonitorEvent.NodeDown;
import io.shardguard.events.MonitorEvent.NodeUnreachable;
import io.shardguard.events.MonitorEvent.NodeUp;
import io.shardguard.events.MonitorEvent.ObserverIsolated;
import io.shardguard.events.MonitorEvent.ReplicationBroken;
import io.shardguard.events.Observation.Verdict;
import io.shardguard.healthmonitor.core.ProbeResult.NewSession;
import io.shardguard.healthmonitor.core.ProbeResult.Outcome;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class VerdictTest {

  @Test
  void aMemberThatAnswersIsUp() {
    assertThat(Scene.healthy(1).judgement("a1").verdict()).isEqualTo(Verdict.UP);
  }

  @Test
  void aBrokenSessionAloneChangesNoVerdictForAMoment() {
    Scene scene = Scene.healthy(1).breaks("a1").after(50);
    isJudged(scene, "a1", Verdict.UP, null);
  }

  @Test
  void aPrimaryThatRefusesIsDownAtOnceWhenItsStandbyLostIt() {
    Scene scene = Scene.healthy(1).after(100).breaks("a1").refuses("a1").look();
    isJudged(scene, "a1", Verdict.SUSPECT, Diagnosis.CONNECTION_REFUSED);
    scene.after(30).answers("b1", alone()).look();
    isJudged(scene, "a1", Verdict.DOWN, Diagnosis.CONNECTION_REFUSED_WITNESSED);
  }

  @Test
  void theDownEventCarriesItsEvidence() {
    Scene scene = Scene.healthy(1).after(100).refuses("a1").answers("b1", alone()).look();
    NodeDown down = scene.said(NodeDown.class).getFirst();
    assertThat(down.evidence())
        .containsExactly("connection refused", "the walreceiver of b1 from a1 is gone");
    assertThat(down.silentMillis()).isEqualTo(100);
  }

  @Test
  void theStandbyIsAskedAtOnceWhenItsPrimaryFails() {
    assertThat(Scene.healthy(1).breaks("a1").look().last.ask()).containsExactly("b1");
  }

  @Test
  void nobodyIsAskedOutOfTurnOnceTheVerdictIsGiven() {
    Scene scene = Scene.healthy(1).refuses("a1").answers("b1", alone()).look();
    assertThat(scene.last.ask()).isEmpty();
  }

  @Test
  void whatTheStandbyAnsweredBeforeThePrimaryFailedProvesNothing() {
    Scene scene = Scene.healthy(1).answers("b1", alone()).after(10).refuses("a1").look();
    isJudged(scene, "a1", Verdict.SUSPECT, Diagnosis.CONNECTION_REFUSED);
  }

  @Test
  void aStandbyThatNeverStreamedFromThePrimaryIsNoWitness() {
    Scene scene = Scene.unseen(1).answers("a1", primaryOf()).answers("b1", alone()).look();
    scene.after(10).refuses("a1").answers("b1", alone()).look();
    isJudged(scene, "a1", Verdict.SUSPECT, Diagnosis.CONNECTION_REFUSED);
  }

  @Test
  void anEligibleStandbyIsAWitnessAlthoughThisObserverNeverSawItStream() {
    Scene scene =
        Scene.unseen(1)
            .decided(1, "a1", Set.of("b1"))
            .answers("a1", primaryOf())
            .answers("b1", alone())
            .look();
    scene.after(10).refuses("a1").answers("b1", alone()).look();
    isJudged(scene, "a1", Verdict.DOWN, Diagnosis.CONNECTION_REFUSED_WITNESSED);
  }

  @Test
  void aRefusingPrimaryWithoutAWitnessIsDownOnlyAfterTheLongerBound() {
    Scene scene = Scene.healthy(1).refuses("b1").refuses("a1").after(2900);
    isJudged(scene, "a1", Verdict.SUSPECT, Diagnosis.CONNECTION_REFUSED);
    scene.after(200);
    isJudged(scene, "a1", Verdict.DOWN, Diagnosis.CONNECTION_REFUSED);
  }

  @Test
  void aRefusingPrimaryFromWhichAStandbyStillStreamsIsUnreachable() {
    Scene scene =
        Scene.healthy(1).after(10).refuses("a1").answers("b1", streamsFrom("a1", 100)).look();
    isJudged(scene, "a1", Verdict.SUSPECT, Diagnosis.UNREACHABLE);
  }

  @Test
  void anUnreachablePrimaryIsDownAfterTheLongestBound() {
    Scene scene = Scene.healthy(1).refuses("a1");
    for (int second = 0; second < 30; second++) {
      scene.answers("b1", streamsFrom("a1", 100)).after(1000);
    }
    isJudged(scene, "a1", Verdict.DOWN, Diagnosis.UNREACHABLE);
  }

  @Test
  void aPrimaryThatIsUnreachableForLongIsSaidToBeSoOnceWithTheWitness() {
    Scene scene = Scene.healthy(1).isSilent("a1");
    for (int i = 0; i < 100; i++) {
      scene.after(100).answers("b1", streamsFrom("a1", 100));
    }
    assertThat(scene.said(NodeDown.class)).isEmpty();
    assertThat(scene.said(NodeUnreachable.class)).hasSize(1);
    NodeUnreachable said = scene.said(NodeUnreachable.class).getFirst();
    assertThat(said.evidence()).contains("a1 was last heard by b1 100 ms ago");
    assertThat(said.silentMillis()).isBetween(5500L, 5700L);
    assertThat(said.downAfterMillis()).isEqualTo(30_000);
    scene.answers("a1", primaryOf("b1")).look();
    assertThat(scene.said(NodeUp.class).getLast().member()).isEqualTo("a1");
  }

  @Test
  void aPrimaryThatItsStandbyLosesALittleLaterIsNotSaidToBeUnreachable() {
    Scene scene = Scene.healthy(1).isSilent("a1");
    for (int age = 100; age <= 3500; age += 100) {
      scene.after(100).answers("b1", streamsFrom("a1", age));
    }
    scene.look();
    assertThat(scene.said(NodeUnreachable.class)).isEmpty();
    assertThat(scene.said(NodeDown.class)).hasSize(1);
  }

  @Test
  void aFrozenPrimaryIsDownWhenItsStandbyHasHeardNothingEither() {
    Scene scene =
        Scene.healthy(1)
            .after(1000)
            .isSilent("a1")
            .after(1000)
            .answers("b1", streamsFrom("a1", 2000))
            .look();
    isJudged(scene, "a1", Verdict.SUSPECT, Diagnosis.UNREACHABLE);
    scene.after(1100).answers("b1", streamsFrom("a1", 3100)).look();
    isJudged(scene, "a1", Verdict.DOWN, Diagnosis.SILENT_WITNESSED);
  }

  @Test
  void aSilenceShorterThanTheBoundIsASuspicionEvenWithAWitness() {
    Scene scene =
        Scene.healthy(1).after(1000).isSilent("a1").after(100).answers("b1", alone()).look();
    isJudged(scene, "a1", Verdict.SUSPECT, Diagnosis.SILENT_WITNESSED);
  }

  @Test
  void aSilentPrimaryWithoutAWitnessIsDownOnlyAfterTheLongerBound() {
    Scene scene = Scene.healthy(1).after(1000).isSilent("a1").refuses("b1").after(8900);
    isJudged(scene, "a1", Verdict.SUSPECT, Diagnosis.SILENT);
    scene.after(200);
    isJudged(scene, "a1", Verdict.DOWN, Diagnosis.SILENT);
  }

  @Test
  void aFrozenPostmasterWithLivingSessionsIsUpAndSaidToTakeNoNewSessions() {
    Scene scene =
        Scene.healthy(1)
            .gets("a1", new NewSession(Outcome.NOT_ACCEPTED, "no session within 1000 ms"))
            .look();
    isJudged(scene, "a1", Verdict.UP, Diagnosis.NO_NEW_SESSIONS);
    assertThat(scene.said(NodeDown.class)).isEmpty();
  }

  @Test
  void usedUpConnectionsWithALivingSessionAreNoDeath() {
    Scene scene =
        Scene.healthy(1).gets("a1", new NewSession(Outcome.TOO_MANY_CONNECTIONS, "53300")).look();
    isJudged(scene, "a1", Verdict.UP, Diagnosis.TOO_MANY_CONNECTIONS);
  }

  @Test
  void usedUpConnectionsAreASignOfLifeWithoutASessionToo() {
    Scene scene =
        Scene.healthy(1).breaks("a1").rejects("a1", "53300").answers("b1", alone()).after(60_000);
    isJudged(scene, "a1", Verdict.SUSPECT, Diagnosis.TOO_MANY_CONNECTIONS);
  }

  @Test
  void aServerThatStartsUpIsStarting() {
    Scene scene = Scene.unseen(1).rejects("a1", "57P03").look();
    isJudged(scene, "a1", Verdict.STARTING, Diagnosis.STARTING);
  }

  @Test
  void aPrimaryThatShutsDownIsDownOnceItRefuses() {
    Scene scene = Scene.healthy(1).breaks("a1").rejects("a1", "57P03").look();
    isJudged(scene, "a1", Verdict.STARTING, Diagnosis.STARTING);
    scene.after(500).refuses("a1").answers("b1", alone()).look();
    isJudged(scene, "a1", Verdict.DOWN, Diagnosis.CONNECTION_REFUSED_WITNESSED);
  }

  @Test
  void aRejectedLoginIsNoDeath() {
    Scene scene = Scene.unseen(1).rejects("a1", "28P01").after(60_000);
    isJudged(scene, "a1", Verdict.SUSPECT, Diagnosis.NO_NEW_SESSIONS);
  }

  @Test
  void aStandbyThatRefusesIsDownWhenThePrimaryHasNoWalsenderToIt() {
    Scene scene = Scene.healthy(1).after(10).refuses("b1").answers("a1", primaryOf()).look();
    isJudged(scene, "b1", Verdict.DOWN, Diagnosis.CONNECTION_REFUSED_WITNESSED);
  }

  @Test
  void aFrozenStandbyIsDownOnceThePrimaryGaveItUp() {
    Scene scene =
        Scene.healthy(1)
            .after(1000)
            .isSilent("b1")
            .after(2000)
            .answers("a1", primaryOf("b1"))
            .look();
    isJudged(scene, "b1", Verdict.SUSPECT, Diagnosis.UNREACHABLE);
    scene.after(1500).answers("a1", primaryOf()).look();
    isJudged(scene, "b1", Verdict.DOWN, Diagnosis.SILENT_WITNESSED);
  }

  @Test
  void aFrozenStandbyIsDownAlthoughItsWalsenderIsStillThereOnceItsRepliesAreOld() {
    Scene scene = Scene.healthy(1);
    for (int age = 300; age <= 3100; age += 200) {
      scene.after(200).answers("a1", primary(1000, walsender("b1", 1000, age)));
      if (age == 1100) {
        scene.isSilent("b1");
      }
    }
    scene.look();
    isJudged(scene, "b1", Verdict.SUSPECT, Diagnosis.UNREACHABLE);
    scene.after(200).answers("a1", primary(1000, walsender("b1", 1000, 3300))).look();
    isJudged(scene, "b1", Verdict.DOWN, Diagnosis.SILENT_WITNESSED);
    assertThat(scene.said(NodeDown.class).getFirst().evidence())
        .contains("b1 was last heard by a1 3200 ms ago");
  }

  @Test
  void anUnreachableStandbyWhoseRepliesAreFreshIsNotDown() {
    Scene scene = Scene.healthy(1).isSilent("b1");
    for (int i = 0; i < 100; i++) {
      scene.after(200).answers("a1", primaryOf("b1"));
    }
    isJudged(scene, "b1", Verdict.SUSPECT, Diagnosis.UNREACHABLE);
  }

  @Test
  void aStandbyWhoseClockIsBehindIsNotTakenForSilentByIt() {
    Scene scene = Scene.healthy(1).isSilent("b1");
    for (int i = 0; i < 50; i++) {
      scene.after(200).answers("a1", primary(1000, walsender("b1", 1000, 60_000)));
    }
    isJudged(scene, "b1", Verdict.SUSPECT, Diagnosis.UNREACHABLE);
  }

  @Test
  void whatAWitnessHeardAMomentAgoIsNotAgedIntoALoss() {
    Scene scene = Scene.healthy(1).after(1000).isSilent("a1").after(1800);
    scene.answers("b1", streamsFrom("a1", 2900)).after(200);
    isJudged(scene, "a1", Verdict.SUSPECT, Diagnosis.SILENT);
    scene.answers("b1", streamsFrom("a1", 3100)).look();
    isJudged(scene, "a1", Verdict.DOWN, Diagnosis.SILENT_WITNESSED);
  }

  @Test
  void aMemberThatIsNotMadeYetIsNotDownHoweverLongItTakes() {
    Scene scene = Scene.unseen(1).refuses("a1").isSilent("b1").after(3_600_000);
    isJudged(scene, "a1", Verdict.UNKNOWN, null);
    isJudged(scene, "b1", Verdict.UNKNOWN, null);
  }

  @Test
  void aMemberThatDecisionsRestOnWasMade() {
    Scene scene = Scene.unseen(1).decided(1, "a1", Set.of("b1")).refuses("a1").refuses("b1");
    scene.after(15_100);
    isJudged(scene, "a1", Verdict.DOWN, Diagnosis.CONNECTION_REFUSED);
    isJudged(scene, "b1", Verdict.DOWN, Diagnosis.CONNECTION_REFUSED);
  }

  @Test
  void theGraceOfAMemberThatIsStartedLateBeginsWithItsStart() {
    Scene scene = Scene.unseen(1).refuses("a1").after(60_000).started("a1").after(14_900);
    isJudged(scene, "a1", Verdict.UNKNOWN, null);
    scene.after(200);
    isJudged(scene, "a1", Verdict.DOWN, Diagnosis.CONNECTION_REFUSED);
  }

  @Test
  void aStartedMemberThatWasNeverSeenIsUnknownUntilTheGraceIsOver() {
    Scene scene = Scene.unseen(1).started("a1").refuses("a1").after(14_900);
    isJudged(scene, "a1", Verdict.UNKNOWN, null);
    scene.refuses("a1").after(200);
    isJudged(scene, "a1", Verdict.DOWN, Diagnosis.CONNECTION_REFUSED);
    assertThat(scene.said(NodeDown.class).getFirst().silentMillis()).isNegative();
  }

  @Test
  void anExitThatTheRuntimeSawIsDownAtOnce() {
    Scene scene = Scene.healthy(1).after(100);
    scene.watch = scene.watch.exited("a1", scene.now, "killed by signal 9");
    scene.look();
    isJudged(scene, "a1", Verdict.DOWN, Diagnosis.PROCESS_EXITED);
  }

  @Test
  void anExitThatIsOlderThanTheNewestAnswerProvesNothing() {
    Scene scene = Scene.healthy(1).after(100).well(1);
    scene.watch = scene.watch.exited("a1", scene.now.minusMillis(50), "killed by signal 9");
    scene.look();
    isJudged(scene, "a1", Verdict.UP, null);
  }

  @Test
  void aRestartedMemberIsUpWithItsNextAnswer() {
    Scene scene = Scene.healthy(1).after(100);
    scene.watch = scene.watch.exited("a1", scene.now, "killed by signal 9");
    scene.look().after(500).answers("a1", alone()).look();
    isJudged(scene, "a1", Verdict.UP, null);
    assertThat(scene.said(NodeUp.class)).contains(new NodeUp(1, "a1", "monitor-1", true));
  }

  @Test
  void downStaysDownWhenTheWitnessIsPromoted() {
    Scene scene = Scene.healthy(1).after(10).refuses("a1").answers("b1", alone()).look();
    scene.after(300).refuses("a1").answers("b1", primaryOf()).look();
    isJudged(scene, "a1", Verdict.DOWN, Diagnosis.CONNECTION_REFUSED_WITNESSED);
  }

  @Test
  void downIsSaidOnceHoweverLongItLasts() {
    Scene scene = Scene.healthy(1).after(10).refuses("a1").answers("b1", alone()).look();
    for (int i = 0; i < 100; i++) {
      scene.refuses("a1").answers("b1", alone()).after(200);
    }
    assertThat(scene.said(NodeDown.class)).hasSize(1);
  }

  @Test
  void aShortSuspicionIsNoEvent() {
    Scene scene = Scene.healthy(1);
    int before = scene.events.size();
    scene.after(1000).isSilent("a1").look().answers("a1", primaryOf("b1")).look();
    assertThat(scene.events).hasSize(before);
  }

  @Test
  void anObserverThatWasAsleepTakesNobodyForSilent() {
    Scene scene = Scene.healthy(1).isSilent("a1").isSilent("b1");
    scene.now = scene.now.plusSeconds(60);
    scene.look();
    assertThat(scene.said(NodeDown.class)).isEmpty();
  }

  @Test
  void aClockThatIsSetBackDoesNotHideASilence() {
    Scene scene = Scene.healthy(1).isSilent("a1").refuses("b1");
    scene.now = scene.now.minusSeconds(3600);
    scene.look().after(10_100);
    isJudged(scene, "a1", Verdict.DOWN, Diagnosis.SILENT);
  }

  @Test
  void anObserverThatLosesMostMembersAtOnceTakesItselfForIsolated() {
    Scene scene = Scene.healthy(2).after(1000);
    List.of("a1", "b1", "a2", "b2").forEach(scene::isSilent);
    scene.after(60_000);
    assertThat(scene.said(ObserverIsolated.class)).hasSize(1);
    assertThat(scene.said(NodeDown.class)).isEmpty();
    assertThat(scene.said(ReplicationBroken.class)).isEmpty();
    assertThat(scene.last.observation().isolated()).isTrue();
  }

  @Test
  void anObserverThatNeverReachesAnybodyTakesItselfForIsolatedToo() {
    Scene scene = Scene.unseen(2).decided(1, "a1", Set.of("b1")).decided(2, "a2", Set.of("b2"));
    List.of("a1", "b1", "a2", "b2").forEach(scene::isSilent);
    scene.after(60_000);
    assertThat(scene.said(ObserverIsolated.class)).hasSize(1);
    assertThat(scene.said(NodeDown.class)).isEmpty();
  }

  @Test
  void anIsolatedObserverTrustsItselfAgainOnceMembersAnswer() {
    Scene scene = Scene.healthy(2).after(1000);
    List.of("a1", "b1", "a2", "b2").forEach(scene::isSilent);
    scene.after(5000).well(1).well(2).look();
    assertThat(scene.last.observation().isolated()).isFalse();
  }

  @Test
  void manyMembersThatRefuseAreDownAndNoIsolation() {
    Scene scene = Scene.healthy(2).after(100);
    List.of("a1", "b1", "a2", "b2").forEach(scene::refuses);
    scene.after(4000);
    assertThat(scene.said(ObserverIsolated.class)).isEmpty();
    assertThat(scene.said(NodeDown.class)).hasSize(4);
  }

  @Test
  void membersWhoseLossIsWitnessedAreNoIsolation() {
    Scene scene = Scene.healthy(3).after(1000);
    List.of("a1", "a2", "b2", "a3", "b3").forEach(scene::isSilent);
    for (int i = 0; i < 30; i++) {
      scene.after(100).answers("b1", alone());
    }
    scene.look();
    assertThat(scene.said(ObserverIsolated.class)).isEmpty();
    isJudged(scene, "a1", Verdict.DOWN, Diagnosis.SILENT_WITNESSED);
  }

  private static void isJudged(Scene scene, String member, Verdict verdict, Diagnosis diagnosis) {
    assertThat(scene.judgement(member).verdict()).isEqualTo(verdict);
    assertThat(scene.judgement(member).diagnosis()).isEqualTo(diagnosis);
  }

  @Test
  void anObserverThatWasCutOffGivesThoseTimeWhoAnswerALittleLaterThanTheFirst() {
    Scene scene = Scene.healthy(2);
    for (String member : List.of("a1", "b1", "a2", "b2")) {
      scene.isSilent(member);
    }
    scene.after(20_000);
    assertThat(scene.watch.isolated()).isTrue();

    scene.answers("b2", Scene.streamsFrom("a2", 100)).answers("b1", Scene.streamsFrom("a1", 100));
    scene.after(500);

    assertThat(scene.watch.isolated()).isFalse();
    assertThat(scene.said(NodeDown.class)).isEmpty();
  }
}
