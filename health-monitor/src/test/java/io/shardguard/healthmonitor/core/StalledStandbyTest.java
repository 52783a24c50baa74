package io.shardguard.healthmonitor.core;

import static io.shardguard.healthmonitor.core.Scene.alone;
import static io.shardguard.healthmonitor.core.Scene.primary;
import static io.shardguard.healthmonitor.core.Scene.walsender;
import static org.assertj.core.api.Assertions.assertThat;

import io.shardguard.events.MonitorEvent.ReplicationBroken;
import io.shardguard.events.MonitorEvent.ReplicationCaughtUp;
import io.shardguard.events.Observation.Downstream;
import io.shardguard.events.Observation.MemberStatus;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A standby whose walsender is there, and through which nothing comes any more. */
class StalledStandbyTest {

  private final Scene scene = Scene.healthy(1);

  @Test
  void aStandbyThatFlushesNothingWhileWalWaitsIsStalledSinceThen() {
    answers(200, 2000, 1000).answers(200, 3000, 1000).answers(200, 3000, 1000);
    assertThat(stalled()).isEqualTo(400);
  }

  @Test
  void anIdlePrimaryMakesNoStall() {
    answers(60_000, 1000, 1000).answers(200, 1000, 1000);
    assertThat(stalled()).isNull();
  }

  @Test
  void theIdleTimeBeforeTheFirstWaitingWriteIsNoStall() {
    for (int i = 0; i < 50; i++) {
      answers(200, 1000, 1000);
    }
    answers(200, 2000, 1000);
    assertThat(stalled()).isNull();
    answers(200, 2000, 1000);
    assertThat(stalled()).isEqualTo(200);
  }

  @Test
  void aStandbyThatIsAlwaysBehindAndMovesIsNotStalled() {
    for (int i = 1; i < 50; i++) {
      answers(200, 1000 + 100 * i, 900 + 100 * i);
      assertThat(stalled()).isNull();
    }
  }

  @Test
  void aStandbyThatCatchesUpIsStalledNoMore() {
    answers(200, 2000, 1000).answers(1000, 2000, 1000).answers(200, 2000, 2000);
    assertThat(stalled()).isNull();
    answers(200, 3000, 2000);
    assertThat(stalled()).isNull();
  }

  @Test
  void aWalreceiverThatComesBackAgainAndAgainAsOnAFullDiskIsStalledAllTheTime() {
    answers(200, 2000, 1000);
    for (int i = 0; i < 5; i++) {
      scene.after(200).answers("a1", primary(2000)).look();
      answers(200, 2000, i % 2 == 0 ? 900 : 1000);
    }
    assertThat(stalled()).isEqualTo(2000);
    assertThat(scene.said(ReplicationBroken.class)).hasSize(1);
  }

  @Test
  void aStandbyThatNeverSaidWhatItFlushedIsStalledToo() {
    Downstream mute = new Downstream("b1", "streaming", "async", null, null, null);
    scene.after(200).answers("a1", primary(2000, mute));
    scene.after(1000).answers("a1", primary(2000, mute));
    assertThat(stalled()).isEqualTo(1000);
  }

  @Test
  void anObserverThatWasAsleepCountsNothingOfIt() {
    answers(200, 2000, 1000);
    scene.now = scene.now.plusSeconds(60);
    answers(0, 2000, 1000);
    assertThat(stalled()).isNull();
  }

  @Test
  void aClockThatIsSetBackMakesNoNegativeStall() {
    answers(200, 2000, 1000);
    scene.now = scene.now.minusSeconds(3600);
    answers(0, 2000, 1000).answers(200, 2000, 1000);
    assertThat(stalled()).isEqualTo(200);
  }

  @Test
  void ofTwoWalsendersToOneStandbyTheOneThatHeardFromItLastCounts() {
    Downstream lingering = walsender("b1", 500, 4000);
    for (int i = 0; i < 20; i++) {
      scene.after(200).answers("a1", primary(1000, walsender("b1", 1000, 100), lingering)).look();
    }
    assertThat(stalled()).isNull();
    assertThat(scene.said(ReplicationBroken.class)).isEmpty();
  }

  @Test
  void aStalledStreamIsBrokenReplicationAndSaidOnceWithItsEvidence() {
    for (int i = 0; i < 30; i++) {
      answers(200, 2000 + i, 1000);
    }
    List<ReplicationBroken> said = scene.said(ReplicationBroken.class);
    assertThat(said).hasSize(1);
    assertThat(said.getFirst().evidence())
        .containsExactly("b1 has flushed nothing for 2000 ms, and WAL waits for it");
  }

  @Test
  void aSilentStreamIsBrokenReplicationEvenWhenThePrimaryIsIdle() {
    for (int age = 100; age <= 5100; age += 200) {
      scene.after(200).answers("a1", primary(1000, walsender("b1", 1000, age))).look();
    }
    List<ReplicationBroken> said = scene.said(ReplicationBroken.class);
    assertThat(said).hasSize(1);
    assertThat(said.getFirst().evidence().getFirst()).startsWith("b1 has sent nothing for 3");
  }

  @Test
  void agesThatAreRoundedDifferentlyAreNoSignOfLife() {
    for (int age = 100; age <= 5100; age += 200) {
      long rounded = age - (age / 200) % 2;
      scene.after(200).answers("a1", primary(1000, walsender("b1", 1000, rounded))).look();
    }
    assertThat(scene.said(ReplicationBroken.class)).hasSize(1);
    assertThat(scene.said(ReplicationCaughtUp.class)).hasSize(1);
  }

  @Test
  void aStalledStandbyThatGoesOnIsSaidToHaveCaughtUpOnceItHas() {
    for (int i = 0; i < 15; i++) {
      answers(200, 2000, 1000);
    }
    answers(200, 2000, 1500);
    assertThat(scene.said(ReplicationCaughtUp.class)).hasSize(1);
    answers(200, 2000, 2000);
    assertThat(scene.said(ReplicationCaughtUp.class)).hasSize(2);
  }

  @Test
  void aStreamThatBeginsToHangIsPublishedAtOnce() {
    for (int i = 0; i < 10; i++) {
      answers(200, 2000, 1000);
    }
    assertThat(scene.last.changed()).isFalse();
    answers(200, 2000, 1000);
    assertThat(scene.last.changed()).isTrue();
  }

  @Test
  void aStandbyMeasuresNobody() {
    MemberStatus standby = alone();
    scene.answers("b1", standby).look();
    assertThat(scene.watch.members().get("b1").status()).isEqualTo(standby);
  }

  /** After so many milliseconds, the primary has flushed this, and its standby that. */
  private StalledStandbyTest answers(long millis, long primary, long standby) {
    if (millis > 0) {
      scene.after(millis);
    }
    scene.answers("a1", primary(primary, walsender("b1", standby, 100))).look();
    return this;
  }

  private Long stalled() {
    return scene.watch.members().get("a1").status().downstream("b1").orElseThrow().stalledMillis();
  }
}
