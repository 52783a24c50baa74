package io.shardguard.provisioner.core;

import static io.shardguard.events.ProvisionerEvent.RejoinMethod.BASE_BACKUP;
import static io.shardguard.events.ProvisionerEvent.RejoinMethod.FOLLOW;
import static io.shardguard.events.ProvisionerEvent.RejoinMethod.REWIND;
import static org.assertj.core.api.Assertions.assertThat;

import io.shardguard.events.Lsn;
import io.shardguard.events.ProvisionerEvent.RejoinMethod;
import io.shardguard.events.Timeline;
import io.shardguard.provisioner.core.RejoinChoice.Leading;
import io.shardguard.provisioner.core.RejoinChoice.Standing;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RejoinChoiceTest {

  private static final String LINEAGE = "7001";
  private static final TimelineHistory FIRST_FORK =
      TimelineHistory.parse("1\t0/2000000\tno recovery target specified\n");
  private static final Leading PRIMARY =
      new Leading(
          LINEAGE,
          new Timeline(3),
          TimelineHistory.parse(
              "1\t0/2000000\tno recovery target specified\n\n2\t0/3000000\tno recovery target specified\n"),
          Lsn.parse("0/5000000"));

  @Test
  void aMemberOnThePrimarysTimelineAndBehindItFollows() {
    assertThat(choose(3, "0/4FFFFFF")).isEqualTo(FOLLOW);
    assertThat(choose(3, "0/5000000")).isEqualTo(FOLLOW);
  }

  @Test
  void aMemberAheadOfThePrimaryOnItsTimelineIsCopiedAnewBecauseARewindFindsNoFork() {
    assertThat(choose(3, "0/5000001")).isEqualTo(BASE_BACKUP);
  }

  @Test
  void aMemberThatEndsWhereItsTimelineEndedFollows() {
    assertThat(choose(2, "0/3000000")).isEqualTo(FOLLOW);
    assertThat(choose(1, "0/1FFFFFF")).isEqualTo(FOLLOW);
  }

  @Test
  void aMemberThatWroteBeyondTheEndOfItsTimelineIsRewound() {
    assertThat(choose(2, "0/3000028")).isEqualTo(REWIND);
    assertThat(choose(1, "0/2800000")).isEqualTo(REWIND);
  }

  @Test
  void aMemberOnATimelineThatIsNoAncestorIsRewound() {
    assertThat(choose(4, "0/2000000")).isEqualTo(REWIND);
  }

  @Test
  void aMemberOfAnotherLineageIsCopiedAnew() {
    assertThat(
            RejoinChoice.choose(
                    Optional.of(
                        new Standing("7002", new Timeline(2), FIRST_FORK, Lsn.parse("0/1"))),
                    false,
                    PRIMARY,
                    Set.of())
                .method())
        .isEqualTo(BASE_BACKUP);
  }

  @Test
  void aMemberThatDoesNotComeUpIsCopiedAnew() {
    assertThat(RejoinChoice.choose(Optional.empty(), false, PRIMARY, Set.of()).method())
        .isEqualTo(BASE_BACKUP);
  }

  @Test
  void whatFailedIsFollowedByTheNextStrongerMethod() {
    assertThat(choose(3, "0/4000000", FOLLOW)).isEqualTo(REWIND);
    assertThat(choose(3, "0/4000000", FOLLOW, REWIND)).isEqualTo(BASE_BACKUP);
    assertThat(choose(3, "0/4000000", FOLLOW, REWIND, BASE_BACKUP)).isEqualTo(BASE_BACKUP);
    assertThat(choose(2, "0/3000028", REWIND)).isEqualTo(BASE_BACKUP);
  }

  @Test
  void aTimelineOfThePrimarysNumberThatBeganElsewhereIsNotFollowed() {
    TimelineHistory elsewhere = TimelineHistory.parse("1\t0/1800000\tpromoted by hand\n");
    for (int timeline : new int[] {2, 3}) {
      assertThat(choose(timeline, elsewhere, "0/2000000", false)).isEqualTo(BASE_BACKUP);
    }
  }

  @Test
  void aRogueIsCopiedAnewWhereItsTimelinesNumberIsKnownToThePrimaryAndElseRewound() {
    assertThat(choose(3, history(3), "0/4000000", true)).isEqualTo(BASE_BACKUP);
    assertThat(choose(2, history(2), "0/2800000", true)).isEqualTo(BASE_BACKUP);
    assertThat(choose(4, history(3), "0/4000000", true)).isEqualTo(REWIND);
  }

  private static RejoinMethod choose(int timeline, String end, RejoinMethod... failed) {
    return choose(timeline, history(timeline), end, false, failed);
  }

  private static TimelineHistory history(int timeline) {
    return switch (timeline) {
      case 1 -> TimelineHistory.NONE;
      case 2 -> FIRST_FORK;
      default -> PRIMARY.history();
    };
  }

  private static RejoinMethod choose(
      int timeline, TimelineHistory history, String end, boolean rogue, RejoinMethod... failed) {
    return RejoinChoice.choose(
            Optional.of(new Standing(LINEAGE, new Timeline(timeline), history, Lsn.parse(end))),
            rogue,
            PRIMARY,
            Set.of(failed))
        .method();
  }
}
