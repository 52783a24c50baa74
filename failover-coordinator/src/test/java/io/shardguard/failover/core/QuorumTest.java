package io.shardguard.failover.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardguard.events.GroupTopology.WalEnd;
import io.shardguard.events.Lsn;
import io.shardguard.events.Timeline;
import io.shardguard.events.TransitionEvent.Rejected;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class QuorumTest {

  @Test
  void theOneWithTheMostWalIsChosen() {
    Quorum.Choice choice =
        Quorum.choose(
            Map.of("a", end(2, "0/500"), "b", end(2, "0/700"), "c", end(2, "0/600")),
            new Timeline(2),
            null);

    assertThat(choice.candidate()).contains("b");
    assertThat(choice.sure()).isTrue();
    assertThat(choice.rejected()).extracting(Rejected::member).containsExactlyInAnyOrder("a", "c");
  }

  @Test
  void aHigherTimelineIsAnotherHistoryHoweverLongItsWalIs() {
    Quorum.Choice choice =
        Quorum.choose(Map.of("a", end(3, "0/900"), "b", end(2, "0/500")), new Timeline(2), null);

    assertThat(choice.candidate()).contains("b");
    assertThat(choice.sure())
        .as("a may have acknowledged more than b holds before it parted")
        .isFalse();
  }

  @Test
  void nobodyIsChosenIfAllHaveAnotherHistory() {
    Quorum.Choice choice = Quorum.choose(Map.of("a", end(3, "0/900")), new Timeline(2), null);

    assertThat(choice.candidate()).isEmpty();
    assertThat(choice.rejected())
        .containsExactly(new Rejected("a", "is on timeline 3, the primary was on 2"));
  }

  @Test
  void thePrimaryIsToldTheNamesInOneOrder() {
    assertThat(Quorum.names(Set.of("w-c", "w-b"))).isEqualTo("ANY 1 (\"w-b\", \"w-c\")");
    assertThat(Quorum.names(Set.of())).isEmpty();
  }

  @Test
  void ofTwoThatEndEquallyLateTheOneThatIsWantedIsChosen() {
    Map<String, WalEnd> sealed = Map.of("a", end(2, "0/700"), "b", end(2, "0/700"));
    assertThat(Quorum.choose(sealed, new Timeline(2), "b").candidate()).contains("b");
    assertThat(Quorum.choose(sealed, new Timeline(2), null).candidate()).contains("a");
  }

  private static WalEnd end(int timeline, String lsn) {
    return new WalEnd(new Timeline(timeline), Lsn.parse(lsn));
  }
}
