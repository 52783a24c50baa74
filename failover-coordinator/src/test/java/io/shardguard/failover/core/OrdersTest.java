package io.shardguard.failover.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardguard.events.Command.EndMaintenance;
import io.shardguard.events.Command.FailOver;
import io.shardguard.events.Command.Pause;
import io.shardguard.events.Command.Resume;
import io.shardguard.events.Command.StartMaintenance;
import io.shardguard.events.Lsn;
import io.shardguard.events.MonitorEvent.NodeUp;
import io.shardguard.events.Observation.Downstream;
import io.shardguard.events.OperatorEvent.CommandRefused;
import io.shardguard.events.ReplicationEvent.FailoverRefused;
import io.shardguard.events.ReplicationEvent.Refusal;
import io.shardguard.events.ReplicationEvent.StandbyDetached;
import io.shardguard.events.TransitionEvent.DataLossAccepted;
import io.shardguard.events.TransitionEvent.StandbySealed;
import io.shardguard.events.TransitionEvent.TransitionAbandoned;
import io.shardguard.events.TransitionEvent.TransitionCompleted;
import io.shardguard.events.TransitionEvent.TransitionStarted;
import io.shardguard.events.TransitionKind;
import io.shardguard.failover.core.Action.RelaxSynchronous;
import io.shardguard.failover.core.Action.Seal;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What operators order, and what is refused. */
class OrdersTest {

  @Test
  void aPausedGroupIsNotFailedOverUntilItIsResumed() {
    World world = World.whole().ordered(new Pause(1)).nodeDown("w-a");
    assertThat(refusal(world)).isEqualTo(Refusal.PAUSED);
    assertThat(world.actions()).isEmpty();

    world.ordered(new Resume(1));
    assertThat(world.events(TransitionStarted.class)).hasSize(1);
  }

  @Test
  void aRefusalIsSaidOnceForEachReason() {
    World world = World.whole().ordered(new Pause(1)).nodeDown("w-a").observe().observe();

    assertThat(world.events(FailoverRefused.class)).hasSize(1);
  }

  @Test
  void aPrimaryInMaintenanceIsNotReplaced() {
    World world = World.whole().ordered(new StartMaintenance(1, "w-a")).nodeDown("w-a");
    assertThat(refusal(world)).isEqualTo(Refusal.MAINTENANCE);

    world.ordered(new EndMaintenance(1, "w-a"));
    assertThat(world.events(TransitionStarted.class)).hasSize(1);
  }

  @Test
  void aStandbyInMaintenanceIsDetachedFirst() {
    World world = World.whole().ordered(new StartMaintenance(1, "w-b"));

    assertThat(world.events(StandbyDetached.class)).hasSize(1);
    assertThat(world.actions()).containsExactly(new RelaxSynchronous(1, "w-a"));
    world.primary("w-a", 2, "", new Downstream("w-b", "streaming", "async", World.LSN, 1L, null));
    world.observe();
    assertThat(world.group(1).attach()).as("and stays so").isNull();
  }

  @Test
  void aCommandForAGroupOrAMemberThatDoesNotExistIsAnswered() {
    World world = World.whole().ordered(new Pause(9)).ordered(new StartMaintenance(1, "c-a"));

    assertThat(world.events(CommandRefused.class))
        .extracting(CommandRefused::reason)
        .containsExactly("there is no group 9", "group 1 has no member c-a");
  }

  @Test
  void aPrimaryThatServesIsNotReplacedByOrder() {
    World world = World.whole().ordered(new FailOver(1, true));

    assertThat(world.events(CommandRefused.class)).hasSize(1);
    assertThat(world.actions()).isEmpty();
  }

  @Test
  void anOrderedFailoverIsMadeInSpiteOfAPause() {
    World world = World.whole().ordered(new Pause(1)).nodeDown("w-a");

    world.ordered(new FailOver(1, false));

    assertThat(world.events(TransitionStarted.class))
        .singleElement()
        .satisfies(s -> assertThat(s.kind()).isEqualTo(TransitionKind.FAILOVER));
  }

  @Test
  void nothingIsLostByOrderUnlessTheLossIsAccepted() {
    World world = degradedWithoutPrimary().ordered(new FailOver(1, false));

    assertThat(world.events(CommandRefused.class))
        .singleElement()
        .satisfies(refused -> assertThat(refused.reason()).contains("--accept-data-loss"));
    assertThat(world.actions()).isEmpty();
  }

  @Test
  void aStandbyInMaintenanceIsNotPromotedByOrderEither() {
    World world = degradedWithoutPrimary().ordered(new StartMaintenance(1, "w-b"));

    world.ordered(new FailOver(1, true));

    assertThat(world.events(CommandRefused.class)).hasSize(1);
    assertThat(world.group(1).transition()).isNull();
  }

  @Test
  void anAcceptedLossIsInTheLogAndInTheState() {
    World world = degradedWithoutPrimary().ordered(new FailOver(1, true));
    String open = world.group(1).transition().id();
    assertThat(world.group(1).transition().kind()).isEqualTo(TransitionKind.FORCED_FAILOVER);

    world.done(
        new Seal(1, open, "w-b"),
        new StandbySealed(1, open, "w-b", world.group(1).timeline(), Lsn.parse("0/4000000"), 1));
    world.carryOutEverything().fenced("w-a").carryOutEverything();

    assertThat(world.events(DataLossAccepted.class))
        .containsExactly(new DataLossAccepted(1, open, "w-a", Lsn.parse("0/4000000"), World.LSN));
    assertThat(world.events(TransitionCompleted.class)).hasSize(1);
    assertThat(world.group(1).loss().from()).isEqualTo(Lsn.parse("0/4000000"));
    assertThat(world.group(1).primary()).isEqualTo("w-b");
  }

  @Test
  void aForcedFailoverReplacesOneThatWaitsForAStandbyThatIsAway() {
    World world = World.three().nodeDown("w-a");
    String first = world.group(1).transition().id();
    world.done(
        new Seal(1, first, "w-b"),
        new StandbySealed(1, first, "w-b", world.group(1).timeline(), World.LSN, 1));
    world.nodeDown("w-c").ordered(new FailOver(1, true));

    assertThat(world.events(TransitionAbandoned.class)).hasSize(1);
    String second = world.group(1).transition().id();
    assertThat(world.actions()).containsExactly(new Seal(1, second, "w-b"));
  }

  @Test
  void anOrderFromBeforeAnAbsenceIsNotCarriedOut() {
    World world = degradedWithoutPrimary().orderedLongAgo(new FailOver(1, true));

    assertThat(world.events(CommandRefused.class)).hasSize(1);
    assertThat(world.group(1).transition()).isNull();
  }

  @Test
  void aGroupThatFlapsIsLeftAloneForAWhile() {
    World world = World.whole();
    for (int i = 0; i < World.POLICY.failoversAtMost(); i++) {
      failOverAndBack(world, i);
    }
    world.forget().nodeDown(world.group(1).primary());
    assertThat(refusal(world)).isEqualTo(Refusal.FLAPPING);

    world.later(World.POLICY.failoversWithin()).observe();
    assertThat(world.events(TransitionStarted.class)).hasSize(1);
  }

  private static void failOverAndBack(World world, int round) {
    String old = world.group(1).primary();
    String next = old.equals("w-a") ? "w-b" : "w-a";
    world.nodeDown(old).carryOutEverything().fenced(old).carryOutEverything();
    world.later(Duration.ofSeconds(5)).happened(new NodeUp(1, old, "m1", true));
    world.pair(next, old, 3 + round).observe().carryOutEverything().observe().observe();
    assertThat(world.group(1).eligible()).containsExactly(old);
  }

  @Test
  void aStandbyThatSomebodyPromotedIsNoCandidateForAFailover() {
    World world = World.whole();
    world.primary("w-b", 3, "").gone("w-a").observe();

    assertThat(world.events(FailoverRefused.class))
        .last()
        .satisfies(r -> assertThat(r.refusal()).isEqualTo(Refusal.ELIGIBLE_STANDBY_DIVERGED));
    assertThat(world.events(TransitionStarted.class)).isEmpty();
  }

  private static World degradedWithoutPrimary() {
    World world = World.whole().nodeDown("w-b").carryOutEverything();
    world.primary("w-a", 2, "").observe();
    world.standby("w-b", null).happened(new NodeUp(1, "w-b", "m1", true));
    world.nodeDown("w-a").observe();
    assertThat(refusal(world)).isEqualTo(Refusal.NO_ELIGIBLE_STANDBY);
    return world;
  }

  private static Refusal refusal(World world) {
    return world.events(FailoverRefused.class).getLast().refusal();
  }
}
