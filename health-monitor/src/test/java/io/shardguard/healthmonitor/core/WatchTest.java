package io.shardguard.healthmonitor.core;

import static io.shardguard.healthmonitor.core.Scene.alone;
import static io.shardguard.healthmonitor.core.Scene.primaryOf;
import static io.shardguard.healthmonitor.core.Scene.standby;
import static io.shardguard.healthmonitor.core.Scene.streamsFrom;
import static org.assertj.core.api.Assertions.assertThat;

import io.shardguard.events.MonitorEvent.NodeDown;
import io.shardguard.events.MonitorEvent.ReplicationBroken;
import io.shardguard.events.MonitorEvent.ReplicationCaughtUp;
import io.shardguard.events.Observation.Upstream;
import io.shardguard.healthmonitor.core.Watch.Declared;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WatchTest {

  @Test
  void aStandbyThatFlushedWhatThePrimaryHadIsSaidToHaveCaughtUpOnce() {
    Scene scene = Scene.healthy(1).well(1).after(200).well(1).after(200);
    assertThat(scene.said(ReplicationCaughtUp.class)).hasSize(1);
  }

  @Test
  void aWalreceiverThatIsMerelyRestartedIsNoBrokenReplication() {
    Scene scene =
        Scene.healthy(1)
            .answers("a1", primaryOf())
            .answers("b1", alone())
            .after(500)
            .well(1)
            .after(5000);
    assertThat(scene.said(ReplicationBroken.class)).isEmpty();
  }

  @Test
  void replicationThatStaysAwayIsBrokenAndSaidOnce() {
    Scene scene = Scene.healthy(1).answers("a1", primaryOf()).answers("b1", alone()).after(5000);
    assertThat(scene.said(ReplicationBroken.class)).hasSize(1);
  }

  @Test
  void theEndOfThePrimaryIsSaidBeforeTheEndOfItsReplication() {
    Scene scene = Scene.healthy(1).after(10).refuses("a1").answers("b1", alone()).look();
    assertThat(scene.last.events())
        .extracting(Object::getClass)
        .containsExactly(NodeDown.class, ReplicationBroken.class);
  }

  @Test
  void anUnreachablePrimaryWhoseStandbyStreamsHasNoBrokenReplication() {
    Scene scene =
        Scene.healthy(1).after(10).refuses("a1").answers("b1", streamsFrom("a1", 10)).after(5000);
    assertThat(scene.said(ReplicationBroken.class)).isEmpty();
  }

  @Test
  void aLookThatBringsNothingNewIsNoChange() {
    Scene scene = Scene.healthy(1).after(200).well(1).look();
    assertThat(scene.last.changed()).isFalse();
  }

  @Test
  void aPromotionIsAChange() {
    Scene scene = Scene.healthy(1).answers("b1", primaryOf()).look();
    assertThat(scene.last.changed()).isTrue();
  }

  @Test
  void aStandbyWithoutAWalreceiverKeepsTheTimelineItStreamed() {
    Upstream upstream = new Upstream("host-a1", 5432, "streaming", 10L);
    Scene scene =
        Scene.unseen(1)
            .answers("b1", standby(3, 1000, upstream))
            .answers("b1", standby(2, 1000, null))
            .look();
    assertThat(scene.watch.members().get("b1").status().timeline().id()).isEqualTo(3);
  }

  @Test
  void aNewDeclarationKeepsWhatIsKnownOfMembersThatStay() {
    Scene scene = Scene.healthy(1);
    scene.watch = scene.watch.declared(List.of(new Declared(1, Scene.address("a1"))), scene.now);
    assertThat(scene.watch.members()).containsOnlyKeys("a1");
    assertThat(scene.watch.members().get("a1").up()).isTrue();
  }

  @Test
  void aWritableMemberThatWasNotDecidedOnIsNoPrimaryForLoadBalancers() {
    Scene scene = Scene.healthy(1).decided(1, "b1", Set.of());
    assertThat(new Roles(scene.watch).primary(scene.watch.members().get("a1")).yes()).isFalse();
  }

  @Test
  void aStandbyWithMoreLagThanAskedForIsNotOffered() {
    Scene scene =
        Scene.healthy(1)
            .answers("b1", standby(1, 900, new Upstream("host-a1", 5432, "streaming", 1L)))
            .look();
    Watched standby = scene.watch.members().get("b1");
    assertThat(new Roles(scene.watch).standby(standby, 100).yes()).isTrue();
    assertThat(new Roles(scene.watch).standby(standby, 99).yes()).isFalse();
  }
}
