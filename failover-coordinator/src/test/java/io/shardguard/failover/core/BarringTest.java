package io.shardguard.failover.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardguard.events.GroupTopology.Fencing;
import io.shardguard.events.ReplicationEvent.BarringEnded;
import io.shardguard.events.ReplicationEvent.MemberAdmitted;
import io.shardguard.events.TransitionEvent.OldPrimaryEnded;
import io.shardguard.events.TransitionEvent.TransitionCompleted;
import io.shardguard.failover.core.Action.Admit;
import io.shardguard.failover.core.Action.Bar;
import io.shardguard.failover.core.Action.RecoverTwoPhase;
import io.shardguard.failover.core.Action.UpdateMetadata;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The fence at the receivers, where the runtime is silent about the old primary. */
class BarringTest {

  @Test
  void membersAreToldToRefuseAnOldPrimaryOfWhichTheRuntimeSaysNothing() {
    World world = promotedWithoutFence().observe();

    assertThat(barred(world)).containsExactlyInAnyOrder("c-a", "c-b", "w-b");
  }

  @Test
  void clientsMayEnterOnceAllThatAnswerRefuseTheOldPrimary() {
    World world = promotedWithoutFence().observe();
    List<Action> bars = world.actions();

    world.carryOut(bars.get(0)).carryOut(bars.get(1));
    assertThat(world.group(1).writable()).isEmpty();
    world.carryOut(bars.get(2));

    assertThat(world.events(OldPrimaryEnded.class)).hasSize(1);
    assertThat(world.group(1).writable()).isPresent();
    assertThat(world.actions()).hasAtLeastOneElementOfType(UpdateMetadata.class);
  }

  @Test
  void aMemberThatIsDownIsToldBeforeTwoPhaseCommitsAreSettledAgain() {
    World world = promotedWithoutFence().gone("c-b").observe().carryOutEverything();
    assertThat(world.events(TransitionCompleted.class)).hasSize(1);

    world.standby("c-b", "c-a").observe();

    assertThat(barred(world)).containsExactly("c-b");
    assertThat(world.actions()).doesNotHaveAnyElementsOfTypes(RecoverTwoPhase.class);
  }

  @Test
  void theMemberIsAdmittedAgainWhenItsEndIsAFact() {
    World world = promotedWithoutFence().observe().carryOutEverything();
    assertThat(world.group(1).barred().by()).containsExactly("c-a", "c-b", "w-b");

    world.standby("w-a", null).observe();
    assertThat(world.events(BarringEnded.class)).hasSize(1);
    assertThat(world.actions())
        .filteredOn(Admit.class::isInstance)
        .extracting(Action::member)
        .containsExactly("c-a", "c-b", "w-b");

    world.carryOutEverything();
    assertThat(world.group(1).barred()).isNull();
  }

  @Test
  void whoeverWasAskedToRefuseItAdmitsItAlsoIfItsEndBecameKnownMeanwhile() {
    World world = promotedWithoutFence().observe();
    Action underWay = world.actions().get(0);

    world.fenced("w-a").carryOut(underWay);
    world.observe().carryOutEverything();

    assertThat(world.events(MemberAdmitted.class))
        .extracting(MemberAdmitted::by)
        .contains(underWay.member());
    assertThat(world.group(1).barred()).isNull();
  }

  @Test
  void nobodyIsBarredWhereTheRuntimeSpeaksInTime() {
    World world = promoted().fenced("w-a").carryOutEverything().observe().observe();

    assertThat(world.group(1).barred()).isNull();
  }

  private static World promoted() {
    World world = World.whole().nodeDown("w-a");
    world.carryOut(world.actions().get(0));
    return world.carryOut(world.actions().get(0));
  }

  private static World promotedWithoutFence() {
    World world = promoted();
    assertThat(world.group(1).transition().step()).isInstanceOf(Fencing.class);
    return world.primary("w-b", 3, "").observe();
  }

  private static List<String> barred(World world) {
    return world.actions().stream().filter(Bar.class::isInstance).map(Action::member).toList();
  }
}
