package io.shardguard.failover.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardguard.events.Command.Pause;
import io.shardguard.events.Command.StartMaintenance;
import io.shardguard.events.Command.SwitchOver;
import io.shardguard.events.Lsn;
import io.shardguard.events.Observation.Downstream;
import io.shardguard.events.OperatorEvent.CommandRefused;
import io.shardguard.events.ReplicationEvent.StandbyDetached;
import io.shardguard.events.Timeline;
import io.shardguard.events.TransitionEvent.PromotionStarted;
import io.shardguard.events.TransitionEvent.StandbySealed;
import io.shardguard.events.TransitionEvent.TransitionAbandoned;
import io.shardguard.events.TransitionEvent.TransitionCompleted;
import io.shardguard.events.TransitionEvent.TransitionStarted;
import io.shardguard.events.TransitionKind;
import io.shardguard.failover.core.Action.Promote;
import io.shardguard.failover.core.Action.RelaxSynchronous;
import io.shardguard.failover.core.Action.Seal;
import org.junit.jupiter.api.Test;

/** What is ordered of a group whose primary serves. */
class SwitchoverTest {

  private static final SwitchOver ORDER = new SwitchOver(1, null);

  @Test
  void aStandbyTakesOverFromAPrimaryThatServes() {
    World world = World.whole().ordered(ORDER);
    assertThat(world.events(TransitionStarted.class))
        .singleElement()
        .satisfies(started -> {
          assertThat(started.kind()).isEqualTo(TransitionKind.SWITCHOVER);
          assertThat(started.successor()).isEqualTo("w-b");
          assertThat(started.reason()).isEqualTo("ordered by cli/ops@db1");
        });

    world.carryOutEverything().fenced("w-a").carryOutEverything();
    assertThat(world.events(TransitionCompleted.class)).hasSize(1);
    assertThat(world.group(1).primary()).isEqualTo("w-b");
    assertThat(world.group(1).failovers()).as("it is no sign of flapping").isEmpty();
  }

  @Test
  void theRuntimeEndsTheOldPrimaryOnlyWhenTheCandidateIsChosen() {
    World world = World.whole().ordered(ORDER);
    assertThat(world.group(1).transition().replacesPrimary()).isFalse();

    world.carryOut(world.actions().getFirst());
    assertThat(world.events(PromotionStarted.class)).hasSize(1);
    assertThat(world.group(1).transition().replacesPrimary()).isTrue();
  }

  @Test
  void itIsRefusedWithoutAnEligibleStandby() {
    World world = World.whole().nodeDown("w-b").carryOutEverything();
    assertThat(refused(world.ordered(ORDER)))
        .isEqualTo("no standby surely holds every acknowledged commit");
  }

  @Test
  void itIsRefusedOfAPrimaryThatDoesNotServe() {
    World world = World.whole().ordered(new StartMaintenance(1, "w-a")).nodeDown("w-a");
    assertThat(refused(world.ordered(ORDER))).contains("w-a does not serve");
  }

  @Test
  void itIsRefusedWhileFailoversArePaused() {
    assertThat(refused(World.whole().ordered(new Pause(1)).ordered(ORDER)))
        .contains("are paused by cli/ops@db1");
  }

  @Test
  void itIsRefusedWhileATransitionIsOpen() {
    assertThat(refused(World.whole().ordered(ORDER).ordered(ORDER))).contains("is open");
  }

  @Test
  void itIsRefusedToWhoeverIsNoEligibleStandbyOfTheGroup() {
    assertThat(refused(World.whole().ordered(new SwitchOver(1, "c-b"))))
        .isEqualTo("group 1 has no member c-b");
    assertThat(refused(World.whole().ordered(new SwitchOver(1, "w-a"))))
        .isEqualTo("w-a is the primary");
  }

  @Test
  void itIsRefusedWhileAStandbyIsFarBehind() {
    World world = World.whole();
    world.primary(
        "w-a",
        2,
        World.names("w-b"),
        new Downstream("w-b", "streaming", "quorum", Lsn.parse("0/1"), 100L, null));
    assertThat(refused(world.observe().ordered(ORDER))).contains("w-b is more than 16 MB behind");
  }

  @Test
  void itIsRefusedIfItWasOrderedBeforeAnAbsence() {
    assertThat(refused(World.whole().orderedLongAgo(ORDER))).contains("a while ago");
  }

  @Test
  void itIsAbandonedWhenItsStandbyDiesAndThePrimaryGoesOnWithoutIt() {
    World world = World.whole().ordered(ORDER);
    world.nodeDown("w-b");

    assertThat(world.events(TransitionAbandoned.class))
        .extracting(TransitionAbandoned::reason)
        .containsExactly("w-b is down");
    assertThat(world.events(StandbyDetached.class)).hasSize(1);
    assertThat(world.actions()).containsExactly(new RelaxSynchronous(1, "w-a"));
    assertThat(world.group(1).primary()).isEqualTo("w-a");
    assertThat(world.group(1).writable()).isPresent();
  }

  @Test
  void itIsAbandonedWhenTheSealIsNotDoneInTime() {
    World world = World.whole().ordered(ORDER);
    for (int i = 0; i < SwitchoverRules.SEALED_WITHIN.toSeconds(); i++) {
      world.observe();
    }

    assertThat(world.events(TransitionAbandoned.class))
        .extracting(TransitionAbandoned::reason)
        .containsExactly("not every standby was sealed within 5 s");
    assertThat(world.group(1).eligible()).as("until the primary says more").containsExactly("w-b");
  }

  @Test
  void aSealThatComesAfterItWasAbandonedPromotesNobody() {
    World world = World.whole().ordered(ORDER);
    Seal seal = (Seal) world.actions().getFirst();
    world.nodeDown("w-b");
    world.done(seal, new StandbySealed(1, seal.transition(), "w-b", timeline(world), World.LSN, 1));

    assertThat(world.events(PromotionStarted.class)).isEmpty();
    assertThat(world.group(1).transition()).isNull();
  }

  @Test
  void aPrimaryThatDiesBeforeTheChoiceIsFailedOver() {
    World world = World.whole().ordered(ORDER).nodeDown("w-a");

    assertThat(world.events(TransitionAbandoned.class)).hasSize(1);
    assertThat(world.group(1).transition().kind()).isEqualTo(TransitionKind.FAILOVER);
    world.carryOutEverything().fenced("w-a").carryOutEverything();
    assertThat(world.group(1).primary()).isEqualTo("w-b");
  }

  @Test
  void onceTheCandidateIsChosenNothingAbandonsIt() {
    World world = World.whole().ordered(ORDER);
    world.carryOut(world.actions().getFirst()).nodeDown("w-b").observe();
    for (int i = 0; i < 20; i++) {
      world.observe();
    }

    assertThat(world.events(TransitionAbandoned.class)).isEmpty();
    String open = world.group(1).transition().id();
    assertThat(world.actions()).contains(new Promote(1, open, "w-b"));
  }

  @Test
  void ofThreeTheOneThatIsWantedIsSealedLastAndOnceItHasWhatTheOtherHas() {
    World world = World.three().ordered(new SwitchOver(1, "w-b"));
    String open = world.group(1).transition().id();
    assertThat(world.actions()).containsExactly(new Seal(1, open, "w-c"));

    Lsn later = new Lsn(World.LSN.bytes() + 1000);
    world.done(
        new Seal(1, open, "w-c"), new StandbySealed(1, open, "w-c", timeline(world), later, 1));
    assertThat(world.actions()).as("w-b lacks what w-c has").isEmpty();

    world.flushed("w-b", later).observe();
    assertThat(world.actions()).containsExactly(new Seal(1, open, "w-b"));
    world.done(
        new Seal(1, open, "w-b"), new StandbySealed(1, open, "w-b", timeline(world), later, 1));
    assertThat(world.events(PromotionStarted.class))
        .singleElement()
        .satisfies(chosen -> assertThat(chosen.candidate()).isEqualTo("w-b"));
  }

  @Test
  void ofThreeTheLastInTheAlphabetIsChosenIfItIsWantedAndEndsNoEarlier() {
    World world = World.three().ordered(new SwitchOver(1, "w-c")).carryOutEverything();

    assertThat(world.events(PromotionStarted.class))
        .singleElement()
        .satisfies(chosen -> assertThat(chosen.candidate()).isEqualTo("w-c"));
  }

  private static Timeline timeline(World world) {
    return world.group(1).timeline();
  }

  private static String refused(World world) {
    assertThat(world.events(TransitionAbandoned.class)).isEmpty();
    return world.events(CommandRefused.class).getLast().reason();
  }
}
