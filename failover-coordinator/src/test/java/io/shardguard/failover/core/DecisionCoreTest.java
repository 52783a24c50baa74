package io.shardguard.failover.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardguard.events.Epoch;
import io.shardguard.events.GroupTopology.Fencing;
import io.shardguard.events.GroupTopology.Promoting;
import io.shardguard.events.GroupTopology.Sealing;
import io.shardguard.events.Lsn;
import io.shardguard.events.MonitorEvent.NodeUp;
import io.shardguard.events.Observation.Downstream;
import io.shardguard.events.Observation.MemberView;
import io.shardguard.events.Observation.Verdict;
import io.shardguard.events.ReplicationEvent.AttachStarted;
import io.shardguard.events.ReplicationEvent.FailoverRefused;
import io.shardguard.events.ReplicationEvent.Refusal;
import io.shardguard.events.ReplicationEvent.RogueFound;
import io.shardguard.events.ReplicationEvent.StandbyAttached;
import io.shardguard.events.ReplicationEvent.StandbyDetached;
import io.shardguard.events.Timeline;
import io.shardguard.events.TransitionEvent.Outcome;
import io.shardguard.events.TransitionEvent.PromotionStarted;
import io.shardguard.events.TransitionEvent.StandbySealed;
import io.shardguard.events.TransitionEvent.StepFailed;
import io.shardguard.events.TransitionEvent.StepSkipped;
import io.shardguard.events.TransitionEvent.TransitionAbandoned;
import io.shardguard.events.TransitionEvent.TransitionCompleted;
import io.shardguard.events.TransitionEvent.TransitionStarted;
import io.shardguard.events.TransitionKind;
import io.shardguard.failover.core.Action.ArmSynchronous;
import io.shardguard.failover.core.Action.Promote;
import io.shardguard.failover.core.Action.RecoverTwoPhase;
import io.shardguard.failover.core.Action.RelaxSynchronous;
import io.shardguard.failover.core.Action.Seal;
import io.shardguard.failover.core.Action.UpdateMetadata;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DecisionCoreTest {

  @Test
  void whatAnObserverSawBeforeItSaidThatThePrimaryIsUpAgainIsNoNews() {
    World world = World.whole().nodeDown("w-b").carryOutEverything().nodeDown("w-a").observe();
    assertThat(world.group(1).refusal()).isEqualTo(Refusal.NO_ELIGIBLE_STANDBY);
    List<MemberView> before = world.views();

    world.later(Duration.ofSeconds(1)).happened(new NodeUp(1, "w-a", "m1", false));
    world.later(Duration.ofMillis(-500)).observe("m1", false, before);

    assertThat(world.group(1).refusal()).isNull();
  }

  @Test
  void onlyTheFreshMemberBecomesAFirstPrimary() {
    World world = World.declared().standby("w-a", null).standby("w-b", null).observe();
    assertThat(world.events()).isEmpty();

    world.happened(new io.shardguard.events.ProvisionerEvent.MemberCreated(1, "w-b", "7"));

    assertThat(world.events(TransitionStarted.class))
        .singleElement()
        .satisfies(started -> assertThat(started.kind()).isEqualTo(TransitionKind.FORMATION));
    assertThat(world.actions())
        .singleElement()
        .isInstanceOfSatisfying(Seal.class, s -> assertThat(s.member()).isEqualTo("w-b"));
  }

  @Test
  void aWholeClusterHasAPrimaryAndAnEligibleStandbyInEveryGroup() {
    World world = World.whole();

    assertThat(world.group(0).primary()).isEqualTo("c-a");
    assertThat(world.group(1).primary()).isEqualTo("w-a");
    assertThat(world.group(0).eligible()).containsExactly("c-b");
    assertThat(world.group(1).eligible()).containsExactly("w-b");
    assertThat(world.group(1).transition()).isNull();
    assertThat(world.actions()).isEmpty();
  }

  @Test
  void aPrimaryThatIsDownIsReplacedInTheOrderOfTheProtocol() {
    World world = World.whole().nodeDown("w-a");

    assertThat(world.group(1).transition().step()).isInstanceOf(Sealing.class);
    assertThat(world.actions()).containsExactly(new Seal(1, transition(world), "w-b"));

    world.carryOut(world.actions().get(0));
    assertThat(world.group(1).transition().step()).isEqualTo(new Promoting("w-b"));
    assertThat(world.group(1).eligible())
        .as("degraded in the transaction that holds the intent")
        .isEmpty();
    assertThat(world.actions()).containsExactly(new Promote(1, transition(world), "w-b"));

    world.carryOut(world.actions().get(0));
    assertThat(world.group(1).transition().step()).isEqualTo(new Fencing());
    assertThat(world.group(1).writable())
        .as("no client before the end of the old primary")
        .isEmpty();
    assertThat(world.actions()).isEmpty();

    world.fenced("w-a");
    assertThat(world.group(1).writable()).get().extracting("name").isEqualTo("w-b");
    assertThat(world.actions()).hasSize(2).allMatch(UpdateMetadata.class::isInstance);

    world.carryOutEverything();
    assertThat(world.events(TransitionCompleted.class))
        .singleElement()
        .satisfies(completed -> {
          assertThat(completed.primary()).isEqualTo("w-b");
          assertThat(completed.epoch()).isEqualTo(new Epoch(2));
        });
    assertThat(world.group(1).transition()).isNull();
  }

  @Test
  void theFenceMayComeBeforeThePromotion() {
    World world = World.whole().nodeDown("w-a");
    List<Action> seal = world.actions();

    world.fenced("w-a").carryOut(seal.get(0));
    world.carryOut(world.actions().get(0));

    assertThat(world.actions()).hasSize(2).allMatch(UpdateMetadata.class::isInstance);
  }

  @Test
  void twoPhaseCommitsAreNotSettledWhileAnotherGroupsOldPrimaryMayAct() {
    World world = World.whole().nodeDown("w-a").nodeDown("c-a").fenced("w-a");
    for (Action action :
        List.of(new Seal(1, transition(world), "w-b"), new Promote(1, transition(world), "w-b"))) {
      world.carryOut(action);
    }
    world.carryOut(new UpdateMetadata(1, transition(world), "w-b", java.util.Map.of()));

    assertThat(world.group(0).transition().step()).isInstanceOf(Sealing.class);
    assertThat(world.actions()).noneMatch(RecoverTwoPhase.class::isInstance);
  }

  @Test
  void withoutAnEligibleStandbyNothingIsPromotedAndTheReasonIsSaidOnce() {
    World world = World.whole().nodeDown("w-b").carryOutEverything().forget();

    world.nodeDown("w-a").observe().observe();

    assertThat(world.events(FailoverRefused.class))
        .singleElement()
        .satisfies(refused -> assertThat(refused.refusal()).isEqualTo(Refusal.NO_ELIGIBLE_STANDBY));
    assertThat(world.group(1).transition()).isNull();
    assertThat(world.actions()).isEmpty();
  }

  @Test
  void theOnlyMemberThatHasEverythingResumesByItself() {
    World world =
        World.whole().nodeDown("w-b").carryOutEverything().nodeDown("w-a").observe().forget();

    world.later(Duration.ofSeconds(5)).standby("w-a", null).observe();

    assertThat(world.events(TransitionStarted.class))
        .singleElement()
        .satisfies(started -> assertThat(started.kind()).isEqualTo(TransitionKind.RESUMPTION));
    world.carryOutEverything();
    assertThat(world.group(1).primary()).isEqualTo("w-a");
    assertThat(world.group(1).epoch()).isEqualTo(new Epoch(2));
    assertThat(world.group(1).refusal()).isNull();
  }

  @Test
  void aFailoverWaitsForAnEligibleStandbyThatIsAway() {
    World world = World.whole();
    world.gone("w-b").gone("w-a").observe();

    assertThat(world.events(FailoverRefused.class))
        .singleElement()
        .satisfies(
            refused -> assertThat(refused.refusal()).isEqualTo(Refusal.ELIGIBLE_STANDBY_AWAY));

    world.standby("w-b", null).observe();
    assertThat(world.group(1).transition().kind()).isEqualTo(TransitionKind.FAILOVER);
  }

  @Test
  void aStandbyThatIsLostIsDetachedInTheLogBeforeThePrimaryIsRelaxed() {
    World world = World.whole().nodeDown("w-b");

    assertThat(world.events(StandbyDetached.class)).hasSize(1);
    assertThat(world.group(1).eligible()).isEmpty();
    assertThat(world.actions()).containsExactly(new RelaxSynchronous(1, "w-a"));
  }

  @Test
  void oneEndOfAStreamAloneDoesNotDetachAStandby() {
    World world = World.whole().primary("w-a", 2, "ANY 1 (\"w-b\")").observe();

    assertThat(world.events()).isEmpty();
  }

  @Test
  void aStandbyThatStreamsNoMoreOnBothEndsIsDetached() {
    World world = World.whole().primary("w-a", 2, "ANY 1 (\"w-b\")").standby("w-b", null).observe();

    assertThat(world.events(StandbyDetached.class)).hasSize(1);
  }

  @Test
  void aSettingChangedBehindOurBackDetachesTheStandbyAndAttachesItAgain() {
    World world =
        World.whole()
            .primary(
                "w-a", 2, "", new Downstream("w-b", "streaming", "async", World.LSN, 100L, null))
            .observe();

    assertThat(world.events(StandbyDetached.class)).hasSize(1);
    assertThat(world.events(AttachStarted.class)).hasSize(1);
    assertThat(world.actions())
        .containsExactly(
            new RelaxSynchronous(1, "w-a"), new ArmSynchronous(1, "w-a", "w-b", Set.of("w-b"), 3));
  }

  @Test
  void aStandbyIsEligibleOnlyOnceItHasFlushedWhatThePrimaryHadWhenArmed() {
    World world = World.whole().nodeDown("w-b").carryOutEverything();
    world
        .primary("w-a", 2, "", new Downstream("w-b", "streaming", "async", World.LSN, 100L, null))
        .standby("w-b", "w-a")
        .observe();
    world.carryOut(world.actions().get(0)).forget();

    Downstream behind =
        new Downstream("w-b", "streaming", "quorum", Lsn.parse("0/4FFFFFF"), 100L, null);
    world.primary("w-a", 2, "ANY 1 (\"w-b\")", behind).observe();
    assertThat(world.group(1).eligible()).isEmpty();

    world.pair("w-a", "w-b", 2).observe();
    assertThat(world.events(StandbyAttached.class)).hasSize(1);
    assertThat(world.group(1).eligible()).containsExactly("w-b");
  }

  @Test
  void anArmingThatWasOvertakenByARelaxationMakesNobodyEligible() {
    World world = World.whole().nodeDown("w-b").carryOutEverything();
    world.streams("", "w-b").observe();
    Action overtaken = world.actions().get(0);
    // Under way for long, as a CHECKPOINT may be: the standby goes, and comes back.
    world.streams(World.names("w-b")).standby("w-b", null).observe();
    assertThat(world.actions()).containsExactly(new RelaxSynchronous(1, "w-a"));
    world.streams(World.names("w-b"), "w-b").observe();
    Action wanted = world.actions().get(0);

    world.carryOut(overtaken).observe();
    assertThat(world.group(1).eligible())
        .as("the primary is about to be told to wait for nobody")
        .isEmpty();

    world.carryOut(wanted).observe();
    assertThat(world.group(1).eligible()).containsExactly("w-b");
  }

  @Test
  void aSettingChangedBehindOurBackWhileAStandbyIsAttachedIsArmedAgain() {
    World world = World.whole().nodeDown("w-b").carryOutEverything();
    world.streams("", "w-b").observe();
    Action arming = world.actions().get(0);
    world.carryOut(arming);

    world.streams("", "w-b").observe();

    assertThat(world.group(1).eligible()).isEmpty();
    assertThat(world.actions()).containsExactly(arming);
  }

  @Test
  void aSealedMemberOnAnotherTimelineIsNotPromoted() {
    World world = World.whole().nodeDown("w-a");

    world.done(
        world.actions().get(0),
        new StandbySealed(1, transition(world), "w-b", new Timeline(9), World.LSN, 1));

    assertThat(world.events(PromotionStarted.class)).isEmpty();
    assertThat(world.group(1).transition().step()).isInstanceOf(Sealing.class);
  }

  @Test
  void aRefusalWithinATransitionIsOverWhenACandidateIsFoundAfterAll() {
    World world = World.whole().nodeDown("w-a").fenced("w-a");
    world.done(
        world.actions().get(0),
        new StandbySealed(1, transition(world), "w-b", new Timeline(9), World.LSN, 1));
    assertThat(world.group(1).refusal()).isEqualTo(Refusal.ELIGIBLE_STANDBY_DIVERGED);

    world.standby("w-a", null).later(Duration.ofSeconds(3)).observe();
    world.carryOut(new Seal(1, transition(world), "w-a")).carryOutEverything();

    assertThat(world.group(1).primary()).isEqualTo("w-a");
    assertThat(world.group(1).refusal()).isNull();
  }

  @Test
  void aStandbyLostDuringTheFailoverIsReplacedByTheOldPrimaryOnceThatIsAStandby() {
    World world = World.whole().nodeDown("w-a").fenced("w-a");
    world.gone("w-b").standby("w-a", null).later(Duration.ofSeconds(3)).observe();

    assertThat(world.actions()).contains(new Seal(1, transition(world), "w-a"));
    world.carryOut(new Seal(1, transition(world), "w-a"));

    assertThat(world.group(1).transition().step()).isEqualTo(new Promoting("w-a"));
  }

  @Test
  void aWritableMemberThatIsNotThePrimaryIsReportedOnce() {
    World world = World.whole().primary("w-b", 3, "").observe().observe();

    assertThat(world.events(RogueFound.class))
        .singleElement()
        .satisfies(rogue -> assertThat(rogue.member()).isEqualTo("w-b"));
  }

  @Test
  void anObservationFromBeforeAPromotionIsNoRestart() {
    World world = World.whole().nodeDown("w-a");
    var before = world.views();
    world.fenced("w-a").carryOutEverything();
    assertThat(world.group(1).primary()).isEqualTo("w-b");
    world.forget();

    world.observe("m1", false, before);

    assertThat(world.events(TransitionStarted.class)).isEmpty();
  }

  @Test
  void aPrimaryThatServesAfterAllIsNotResumed() {
    World world = World.whole().later(Duration.ofSeconds(5)).standby("w-a", null).observe();
    assertThat(world.group(1).transition().kind()).isEqualTo(TransitionKind.RESUMPTION);

    world.pair("w-a", "w-b", 2).observe();

    assertThat(world.events(TransitionAbandoned.class)).hasSize(1);
    assertThat(world.group(1).transition()).isNull();
    assertThat(world.group(1).eligible()).containsExactly("w-b");
  }

  @Test
  void aPrimaryThatDiesAgainBeforeItResumedIsReplaced() {
    World world = World.whole().later(Duration.ofSeconds(5)).standby("w-a", null).observe();
    assertThat(world.group(1).transition().kind()).isEqualTo(TransitionKind.RESUMPTION);

    world.nodeDown("w-a");

    assertThat(world.events(TransitionAbandoned.class)).hasSize(1);
    assertThat(world.group(1).transition().kind()).isEqualTo(TransitionKind.FAILOVER);
  }

  @Test
  void aFailedStepIsAskedForAgainWithTheNextObservationAndNotBefore() {
    World world = World.whole().nodeDown("w-a");
    Action seal = world.actions().get(0);

    world.done(
        seal, new StepFailed(1, transition(world), "seal", "w-b", Outcome.TIMED_OUT, "no answer"));
    assertThat(world.actions()).isEmpty();

    world.observe();
    assertThat(world.actions()).containsExactly(seal);
  }

  @Test
  void aPrimaryThatIsAwayIsSkippedAndToldWhenItsGroupGetsAPrimary() {
    World world =
        World.whole().nodeDown("w-b").carryOutEverything().nodeDown("w-a").nodeDown("c-a");
    world.fenced("c-a").carryOutEverything();

    assertThat(world.events(StepSkipped.class))
        .singleElement()
        .satisfies(skipped -> assertThat(skipped.member()).isEqualTo("w-a"));
    assertThat(world.group(0).transition()).isNull();

    world.later(Duration.ofSeconds(5)).primary("c-b", 3, "").standby("w-a", null).observe();
    world
        .carryOut(new Seal(1, transition(world), "w-a"))
        .carryOut(new Promote(1, transition(world), "w-a"));
    assertThat(world.actions())
        .filteredOn(UpdateMetadata.class::isInstance)
        .extracting(a -> (UpdateMetadata) a)
        .filteredOn(a -> a.member().equals("w-a"))
        .singleElement()
        .satisfies(a -> assertThat(a.primaries().get(0).name()).isEqualTo("c-b"));
  }

  @Test
  void aMajorityOfObserversMustAgreeThatAPrimaryIsDown() {
    World world = World.whole();
    world.observe("m2", false, world.views()).observe("m3", false, world.views());

    world.nodeDown("w-a");
    assertThat(world.events(TransitionStarted.class)).as("one of three").isEmpty();

    world.observe("m2", false, world.views());
    assertThat(world.events(TransitionStarted.class)).as("two of three").hasSize(1);
  }

  @Test
  void thatMostDoNotAgreeIsSaidTenSecondsAfterTheFirstVerdictNotAfterTheLastAnswer() {
    World world = World.whole();
    List<MemberView> suspect =
        world.views().stream()
            .map(view -> view.member().equals("w-a") ? view.judged(Verdict.SUSPECT, null) : view)
            .toList();
    world.later(Duration.ofSeconds(11));
    world.observe("m2", false, suspect).observe("m3", false, suspect).nodeDown("w-a");
    assertThat(world.group(1).refusal()).as("others may say so in a moment").isNull();

    world.later(Duration.ofSeconds(11));
    world.observe("m2", false, suspect).observe("m3", false, suspect);
    world.observe("m1", false, world.views());
    assertThat(world.group(1).refusal()).isEqualTo(Refusal.NO_MAJORITY);
  }

  @Test
  void anIsolatedObserverHasNoSay() {
    World world = World.whole();
    world.gone("w-a").gone("w-b").gone("c-b");

    world.observe("m1", true, world.views());

    assertThat(world.events()).isEmpty();
  }

  @Test
  void inQuietTimesTwoPhaseCommitsAreSettledOnEveryPrimaryOnceTheStandbysHaveEverything() {
    World world = World.whole().later(QuietSettling.EVERY).observe();
    while (world.actions().isEmpty()) {
      world.observe();
    }

    assertThat(world.actions())
        .filteredOn(RecoverTwoPhase.class::isInstance)
        .extracting(Action::member)
        .containsExactly("c-a", "w-a");
  }

  @Test
  void inQuietTimesEveryPrimaryIsToldWhoTheOthersAre() {
    World world = World.whole().later(QuietSettling.EVERY).observe();
    while (world.actions().isEmpty()) {
      world.observe();
    }

    assertThat(world.actions())
        .filteredOn(UpdateMetadata.class::isInstance)
        .allSatisfy(told -> assertThat(((UpdateMetadata) told).primaries()).containsOnlyKeys(0, 1))
        .extracting(Action::member)
        .as("one may have been away when another was replaced")
        .containsExactly("c-a", "w-a");
  }

  @Test
  void inQuietTimesNothingIsSettledBeforeAStandbyHasWhatItsPrimaryHad() {
    World world = World.whole();
    world.later(QuietSettling.EVERY).pair("c-a", "c-b", 2).observe().observe();
    world.later(QuietSettling.EVERY.plusSeconds(1));
    Downstream behind = new Downstream("w-b", "streaming", "quorum", Lsn.parse("0/1"), 100L, null);
    world.primary("w-a", 2, "ANY 1 (\"w-b\")", behind).observe();

    world.observe().observe();

    assertThat(world.actions()).noneMatch(RecoverTwoPhase.class::isInstance);
  }

  @Test
  void aNodeUpOfThePrimaryLiftsTheRefusal() {
    World world = World.whole().nodeDown("w-b").carryOutEverything().nodeDown("w-a");
    assertThat(world.group(1).refusal()).isEqualTo(Refusal.NO_ELIGIBLE_STANDBY);

    world.happened(new NodeUp(1, "w-a", "m1", false));

    assertThat(world.group(1).refusal()).isNull();
    assertThat(world.group(1).eligible()).isEqualTo(Set.of());
  }

  private static String transition(World world) {
    return world.group(1).transition().id();
  }
}
