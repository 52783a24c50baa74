package io.shardguard.failover.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardguard.events.Command.FailOver;
import io.shardguard.events.GroupTopology.Detach;
import io.shardguard.events.Lsn;
import io.shardguard.events.Observation.Downstream;
import io.shardguard.events.ReplicationEvent.DetachStarted;
import io.shardguard.events.ReplicationEvent.FailoverRefused;
import io.shardguard.events.ReplicationEvent.Refusal;
import io.shardguard.events.ReplicationEvent.StandbyAttached;
import io.shardguard.events.ReplicationEvent.StandbyDetached;
import io.shardguard.events.ReplicationEvent.SynchronousArmed;
import io.shardguard.events.Timeline;
import io.shardguard.events.TransitionEvent.DataLossAccepted;
import io.shardguard.events.TransitionEvent.PromotionStarted;
import io.shardguard.events.TransitionEvent.StandbySealed;
import io.shardguard.failover.core.Action.ArmSynchronous;
import io.shardguard.failover.core.Action.Promote;
import io.shardguard.failover.core.Action.RelaxSynchronous;
import io.shardguard.failover.core.Action.Seal;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A group with two standbys, of which the primary waits for any one. */
class ThreeMembersTest {

  @Test
  void bothStandbysBecomeEligible() {
    World world = World.three();

    assertThat(world.group(1).eligible()).containsExactly("w-b", "w-c");
    assertThat(world.actions()).isEmpty();
  }

  @Test
  void bothAreSealedBeforeTheOneWithTheMostWalIsPromoted() {
    World world = World.three().nodeDown("w-a");
    String open = world.group(1).transition().id();
    assertThat(world.actions())
        .containsExactlyInAnyOrder(new Seal(1, open, "w-b"), new Seal(1, open, "w-c"));

    world.done(new Seal(1, open, "w-b"), sealed(open, "w-b", "0/5000000"));
    assertThat(world.actions()).doesNotHaveAnyElementsOfTypes(Promote.class);
    world.done(new Seal(1, open, "w-c"), sealed(open, "w-c", "0/5000100"));

    assertThat(world.events(PromotionStarted.class))
        .singleElement()
        .satisfies(started -> assertThat(started.candidate()).isEqualTo("w-c"));
  }

  @Test
  void aPrimaryIsNotReplacedWhileOneOfTheTwoIsAway() {
    World world = World.three().gone("w-c").gone("w-a").observe();

    assertThat(world.events(FailoverRefused.class))
        .singleElement()
        .satisfies(r -> assertThat(r.refusal()).isEqualTo(Refusal.ELIGIBLE_STANDBY_AWAY));
    assertThat(world.actions()).isEmpty();
  }

  /** It may have got the last commits acknowledged before somebody promoted it. */
  @Test
  void whereOneWasPromotedByHandDuringTheFailoverTheOldPrimaryIsWaitedFor() {
    World world = World.three().nodeDown("w-a");
    String open = world.group(1).transition().id();
    world.done(new Seal(1, open, "w-b"), sealed(open, "w-b", "0/5000000"));
    world.done(new Seal(1, open, "w-c"), sealed(open, "w-c", 9, "0/5000100"));

    assertThat(world.events(PromotionStarted.class)).isEmpty();
    assertThat(world.events(FailoverRefused.class))
        .singleElement()
        .satisfies(r -> assertThat(r.refusal()).isEqualTo(Refusal.ELIGIBLE_STANDBY_DIVERGED));

    world.fenced("w-a").standby("w-a", null).later(Duration.ofSeconds(3)).observe();
    world.carryOut(new Seal(1, open, "w-a"));

    assertThat(world.events(PromotionStarted.class))
        .singleElement()
        .satisfies(started -> assertThat(started.candidate()).isEqualTo("w-a"));
  }

  @Test
  void whoeverAcceptsALossGetsTheOneOnTheGroupsTimeline() {
    World world = World.three().nodeDown("w-a");
    String refused = world.group(1).transition().id();
    world.done(new Seal(1, refused, "w-b"), sealed(refused, "w-b", "0/5000000"));
    world.done(new Seal(1, refused, "w-c"), sealed(refused, "w-c", 9, "0/5000100"));

    world.ordered(new FailOver(1, true));
    String open = world.group(1).transition().id();
    world.done(new Seal(1, open, "w-b"), sealed(open, "w-b", "0/5000000"));
    world.done(new Seal(1, open, "w-c"), sealed(open, "w-c", 9, "0/5000100"));

    assertThat(world.events(PromotionStarted.class))
        .singleElement()
        .satisfies(started -> assertThat(started.candidate()).isEqualTo("w-b"));
    assertThat(world.events(DataLossAccepted.class)).hasSize(1);
  }

  @Test
  void theLossOfOneDoesNotRelaxThePrimaryAndCountsOnlyOnceTheOtherHasEverything() {
    World world = World.three().nodeDown("w-c");
    assertThat(world.events(DetachStarted.class)).hasSize(1);
    assertThat(world.actions())
        .containsExactly(new ArmSynchronous(1, "w-a", "w-c", Set.of("w-b"), 3));
    assertThat(world.group(1).quorum())
        .as("a commit may be on the lost one alone")
        .containsExactly("w-b", "w-c");

    Lsn armedAt = Lsn.parse("0/6000000");
    world.done(
        world.actions().get(0), new SynchronousArmed(1, "w-c", List.of("w-b"), "w-a", armedAt, 1));
    world.primary("w-a", 2, World.names("w-b"), flushed("w-b", "0/5FFFFFF")).observe();
    assertThat(world.group(1).detach()).isEqualTo(new Detach("w-c", armedAt));

    world.primary("w-a", 2, World.names("w-b"), flushed("w-b", "0/6000000")).observe();
    assertThat(world.group(1).eligible()).containsExactly("w-b");
    assertThat(world.group(1).detach()).isNull();
    assertThat(world.events(StandbyDetached.class)).hasSize(1);
    assertThat(world.actions()).doesNotHaveAnyElementsOfTypes(RelaxSynchronous.class);
  }

  @Test
  void theLossOfBothLeavesTheGroupDegraded() {
    World world = World.three().nodeDown("w-c").nodeDown("w-b");

    assertThat(world.group(1).eligible()).isEmpty();
    assertThat(world.actions()).contains(new RelaxSynchronous(1, "w-a"));
  }

  @Test
  void theStandbyThatShouldStayIsDetachedInsteadIfTheOtherComesBack() {
    World world = World.three().nodeDown("w-c");
    world.gone("w-b").standby("w-c", "w-a").observe();

    assertThat(world.group(1).detach()).isEqualTo(new Detach("w-b", null));
    assertThat(world.group(1).quorum()).containsExactly("w-b", "w-c");
    assertThat(world.actions())
        .containsExactly(new ArmSynchronous(1, "w-a", "w-b", Set.of("w-c"), 4));
  }

  @Test
  void aStandbyThatIsBeingAddedMustBeSealedByAFailoverToo() {
    World world = World.three().nodeDown("w-c");
    world.done(
        world.actions().get(0),
        new SynchronousArmed(1, "w-c", List.of("w-b"), "w-a", World.LSN, 1));
    world.streams(World.names("w-b"), "w-b", "w-c").observe();
    world.observe();
    assertThat(world.group(1).attach()).isNotNull();
    assertThat(world.group(1).eligible()).containsExactly("w-b");

    world.nodeDown("w-a");

    String open = world.group(1).transition().id();
    assertThat(world.actions())
        .containsExactlyInAnyOrder(new Seal(1, open, "w-b"), new Seal(1, open, "w-c"));
  }

  @Test
  void aStandbyThatComesBackIsAttachedAgain() {
    World world = World.three().nodeDown("w-c").carryOutEverything();
    world.primary("w-a", 2, World.names("w-b"), flushed("w-b", "0/5000000")).observe();
    world.forget().streams(World.names("w-b"), "w-b", "w-c").observe().carryOutEverything();
    world.streams(World.names("w-b", "w-c"), "w-b", "w-c").observe();

    assertThat(world.events(StandbyAttached.class)).hasSize(1);
    assertThat(world.group(1).eligible()).containsExactly("w-b", "w-c");
  }

  private static Downstream flushed(String standby, String lsn) {
    return new Downstream(standby, "streaming", "quorum", Lsn.parse(lsn), 100L, null);
  }

  private static StandbySealed sealed(String open, String member, String lsn) {
    return sealed(open, member, 2, lsn);
  }

  private static StandbySealed sealed(String open, String member, int timeline, String lsn) {
    return new StandbySealed(1, open, member, new Timeline(timeline), Lsn.parse(lsn), 1);
  }
}
