package io.shardguard.lbconfigurator;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardguard.events.GroupTopology;
import io.shardguard.lbconfigurator.core.Groups;
import io.shardguard.lbconfigurator.core.Routes;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TopologyViewTest {

  private static final GroupTopology GROUP = Groups.quiet(0, "a", Groups.member("a", 1));

  private final TopologyView view = new TopologyView();

  @Test
  void anUnreadableRecordLeavesWhatWasKnown() {
    view.put(0, GROUP);
    view.putUnreadable(0, "torn");
    view.completeAt(Map.of(0, GROUP), Set.of(0), null);
    assertThat(view.snapshot().orElseThrow().groups()).isEqualTo(Map.of(0, GROUP));
    assertThat(view.snapshot().orElseThrow().unreadable()).containsOnlyKeys(0);
  }

  @Test
  void aNewerRecordEndsTheTrouble() {
    view.putUnreadable(0, "torn");
    view.put(0, GROUP);
    view.completeAt(Map.of(0, GROUP), Set.of(), null);
    assertThat(view.snapshot().orElseThrow().unreadable()).isEmpty();
  }

  /** Else the group would be routed by as one that is not there. */
  @Test
  void isNotCompleteBeforeItKnowsOfTheUnreadableRecordThatTheEndHas() {
    view.completeAt(Map.of(), Set.of(0), null);
    assertThat(view.isComplete()).isFalse();
    view.putUnreadable(0, "torn");
    assertThat(view.isComplete()).isTrue();
  }

  @Test
  void aCoordinatorOfWhichNothingCanBeReadIsNotOneWithoutAPrimary() {
    assertThat(Routes.known(Map.of(), Map.of(0, "torn"))).isFalse();
    assertThat(Routes.known(Map.of(0, GROUP), Map.of(0, "torn"))).isTrue();
    assertThat(Routes.known(Map.of(0, GROUP), Map.of(7, "torn"))).isTrue();
    assertThat(Routes.known(Map.of(), Map.of())).isTrue();
  }
}
