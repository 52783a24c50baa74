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
                    Optional.of(new Standing("7002", new Timeline(2), Lsn.parse("0/1"))),
                    PRIMARY,
                    Set.of())
                .method())
        .isEqualTo(BASE_BACKUP);
  }

  @Test
  void aMemberThatDoesNotComeUpIsCopiedAnew() {
    assertThat(RejoinChoice.choose(Optional.empty(), PRIMARY, Set.of()).method())
        .isEqualTo(BASE_BACKUP);
  }

  @Test
  void whatFailedIsFollowedByTheNextStrongerMethod() {
    assertThat(choose(3, "0/4000000", FOLLOW)).isEqualTo(REWIND);
    assertThat(choose(3, "0/4000000", FOLLOW, REWIND)).isEqualTo(BASE_BACKUP);
    assertThat(choose(3, "0/4000000", FOLLOW, REWIND, BASE_BACKUP)).isEqualTo(BASE_BACKUP);
    assertThat(choose(2, "0/3000028", REWIND)).isEqualTo(BASE_BACKUP);
  }

  private static RejoinMethod choose(int timeline, String end, RejoinMethod... failed) {
    return RejoinChoice.choose(
            Optional.of(new Standing(LINEAGE, new Timeline(timeline), Lsn.parse(end))),
            PRIMARY,
            Set.of(failed))
        .method();
  }
}
