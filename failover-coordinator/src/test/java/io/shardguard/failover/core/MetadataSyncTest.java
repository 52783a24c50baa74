package io.shardguard.failover.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardguard.events.GroupTopology.SyncingMetadata;
import io.shardguard.events.TransitionEvent.StepSkipped;
import io.shardguard.events.TransitionEvent.TransitionCompleted;
import io.shardguard.failover.core.Action.LookForSync;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The end of a transition: DDL works again, or nobody waits for it any longer. */
class MetadataSyncTest {

  @Test
  void aTransitionIsNotCompletedBeforeTheCoordinatorSaysThatDdlWorks() {
    World world = allSettled();
    assertThat(looks(world)).containsExactly(look(world, Set.of(0, 1)));
    assertThat(world.events(TransitionCompleted.class)).isEmpty();

    world.carryOut(looks(world).getFirst());

    assertThat(world.events(TransitionCompleted.class)).hasSize(1);
    assertThat(world.group(1).transition()).isNull();
  }

  @Test
  void clientsWriteMeanwhile() {
    assertThat(allSettled().group(1).writable()).isPresent();
  }

  @Test
  void aLookThatFoundNothingIsRepeatedWithTheNextObservation() {
    World world = allSettled();
    nothingYet(world);
    assertThat(looks(world)).isEmpty();

    world.observe();

    assertThat(looks(world)).hasSize(1);
  }

  @Test
  void aTransitionIsCompletedWithoutDdlWhenThatTakesTooLongAndTheLogSaysSo() {
    World world = allSettled();
    nothingYet(world);

    world.observe();
    assertThat(world.events(TransitionCompleted.class)).isEmpty();
    world.later(World.POLICY.syncWithin()).observe();

    assertThat(world.events(StepSkipped.class))
        .extracting(StepSkipped::step)
        .contains("look-for-sync");
    assertThat(world.events(TransitionCompleted.class)).hasSize(1);
  }

  @Test
  void aNewPrimaryThatIsDownAgainIsNotKeptWaiting() {
    World world = allSettled();

    world.nodeDown("w-b");

    assertThat(world.events(TransitionCompleted.class)).hasSize(1);
  }

  @Test
  void aWorkerThatIsAwayDoesNotCount() {
    World world = coordinatorFailedOver().nodeDown("w-a");
    assertThat(looks(world)).allSatisfy(look -> assertThat(look.groups()).containsExactly(0));
  }

  /** Group 1 got w-b, and the two-phase commits are settled. */
  private static World allSettled() {
    World world = World.whole().nodeDown("w-a");
    world.fenced("w-a");
    return settled(world.primary("w-b", 3, ""), 1);
  }

  private static World coordinatorFailedOver() {
    World world = World.whole().nodeDown("c-a");
    world.fenced("c-a");
    return settled(world.primary("c-b", 3, ""), 0);
  }

  private static World settled(World world, int group) {
    while (!(world.group(group).transition().step() instanceof SyncingMetadata)) {
      Action next = world.actions().isEmpty() ? null : world.actions().getFirst();
      if (next == null) {
        world.observe();
      } else {
        world.carryOut(next);
      }
    }
    return world.observe();
  }

  private static LookForSync look(World world, Set<Integer> groups) {
    return new LookForSync(1, world.group(1).transition().id(), "c-a", groups);
  }

  private static void nothingYet(World world) {
    world.found(looks(world).getFirst(), Optional.empty());
  }

  private static List<LookForSync> looks(World world) {
    return world.actions().stream()
        .filter(LookForSync.class::isInstance)
        .map(LookForSync.class::cast)
        .toList();
  }
}
