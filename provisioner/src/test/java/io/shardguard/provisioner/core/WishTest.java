package io.shardguard.provisioner.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardguard.events.Epoch;
import io.shardguard.events.GroupTopology;
import io.shardguard.events.GroupTopology.Fencing;
import io.shardguard.events.GroupTopology.Orders;
import io.shardguard.events.GroupTopology.Promoting;
import io.shardguard.events.GroupTopology.Sealing;
import io.shardguard.events.GroupTopology.SettlingTwoPhase;
import io.shardguard.events.GroupTopology.Step;
import io.shardguard.events.GroupTopology.Transition;
import io.shardguard.events.MemberAddress;
import io.shardguard.events.Timeline;
import io.shardguard.events.TransitionKind;
import io.shardguard.provisioner.core.Situation.Live;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

class WishTest {

  private static final MemberAddress A = new MemberAddress("a", "127.0.11.1", 7410);
  private static final MemberAddress B = new MemberAddress("b", "127.0.11.2", 7410);

  // What a test does not say: member a, declared first, whole and running, in a group with the
  // primary b.
  private String member = "a";
  private boolean dataHere = true;
  private boolean groupHasData = true;
  private boolean ruined = false;
  private boolean putAside = false;
  private boolean running = true;
  private Live live = new Live(true, null);
  private Duration silentFor = Duration.ZERO;
  private GroupTopology topology = group("b", null);
  private boolean fenced = false;
  private int quickExits = 0;
  private Duration pauseLeft = Duration.ZERO;
  private long room = 1L << 30;

  @Test
  void theFirstMemberOfANewGroupIsMade() {
    dataHere = groupHasData = running = false;
    topology = null;
    assertThat(wish()).isInstanceOf(Wish.Create.class);
  }

  @Test
  void nothingIsMadeAnewWhereAGroupHasDataOrWasDecided() {
    dataHere = running = false;
    topology = null;
    assertThat(wish()).isInstanceOf(Wish.Wait.class);
    groupHasData = false;
    topology = group("b", null);
    assertThat(wish()).isInstanceOf(Wish.Clone.class);
  }

  @Test
  void aFurtherMemberWaitsForAPrimaryAndIsThenItsCopy() {
    member = "b";
    dataHere = running = false;
    topology = null;
    assertThat(wish()).isInstanceOf(Wish.Wait.class);
    topology = group("a", null);
    assertThat(wish()).isInstanceOf(Wish.Clone.class);
  }

  @Test
  void aPrimaryWithoutDataIsNeverMadeAnewNorCopied() {
    dataHere = running = groupHasData = false;
    topology = group("a", null);
    assertThat(wish()).isInstanceOf(Wish.Wait.class);
  }

  @Test
  void anEndedMemberIsStartedWhateverTheTopologySays() {
    running = false;
    assertThat(wish()).isInstanceOf(Wish.Start.class);
    topology = null;
    assertThat(wish()).isInstanceOf(Wish.Start.class);
    topology = group("a", null);
    assertThat(wish()).isInstanceOf(Wish.Start.class);
  }

  @Test
  void theOldPrimaryIsStartedOnlyAfterItWasFenced() {
    running = false;
    topology = group("a", failover("a", false, new Sealing(Set.of("b"), Map.of())));
    assertThat(wish()).isInstanceOf(Wish.Wait.class);
    fenced = true;
    assertThat(wish()).isInstanceOf(Wish.Start.class);
  }

  @Test
  void theOldPrimaryIsStartedWhenItsEndIsAFact() {
    running = false;
    topology = group("a", failover("a", true, new Sealing(Set.of("b"), Map.of())));
    assertThat(wish()).isInstanceOf(Wish.Start.class);
  }

  @Test
  void aSealedStandbyIsNotToldToStreamAgain() {
    topology = group("b", failover("b", true, new Sealing(Set.of("a"), Map.of())));
    assertThat(wish()).isInstanceOf(Wish.Wait.class);
    topology = group("b", failover("a", false, new Fencing()));
    assertThat(wish()).isInstanceOf(Wish.Wait.class);
  }

  @Test
  void aMemberRejoinsAsSoonAsClientsMayEnter() {
    topology = group("b", failover("a", true, new SettlingTwoPhase(Set.of("b"))));
    assertThat(wish()).isEqualTo(new Wish.Rejoin(B));
  }

  @Test
  void aStandbyThatStreamsFromThePrimaryIsLeftAlone() {
    live = new Live(true, "127.0.11.2:7410");
    assertThat(wish()).isInstanceOf(Wish.Content.class);
    live = new Live(true, "127.0.11.3:7410");
    assertThat(wish()).isEqualTo(new Wish.Rejoin(B));
  }

  @Test
  void aPrimaryInRecoveryIsLeftToFailoverCoordinator() {
    topology = group("a", null);
    assertThat(wish()).isInstanceOf(Wish.Content.class);
  }

  @Test
  void whoTakesWritesWithoutBeingThePrimaryIsExpelledEvenWhileTheGroupHasNone() {
    live = new Live(false, null);
    assertThat(wish()).isInstanceOf(Wish.Expel.class);
    topology = group("b", failover("b", true, new Sealing(Set.of("a"), Map.of())));
    assertThat(wish()).isInstanceOf(Wish.Expel.class);
  }

  @Test
  void whoIsBeingPromotedOrFencedForATransitionIsNoRogue() {
    live = new Live(false, null);
    topology = group("b", failover("b", true, new Promoting("a")));
    assertThat(wish()).isInstanceOf(Wish.Wait.class);
    topology = group("b", failover("a", false, new Fencing()));
    assertThat(wish()).isInstanceOf(Wish.Wait.class);
    topology = null;
    assertThat(wish()).isInstanceOf(Wish.Wait.class);
  }

  @Test
  void aMemberInMaintenanceIsNeitherStartedNorRejoinedButExpelledIfItTakesWrites() {
    topology = inMaintenance(group("b", null));
    assertThat(wish()).isInstanceOf(Wish.Wait.class);
    live = new Live(false, null);
    assertThat(wish()).isInstanceOf(Wish.Expel.class);
    live = null;
    running = false;
    assertThat(wish()).isInstanceOf(Wish.Wait.class);
    dataHere = false;
    assertThat(wish()).isInstanceOf(Wish.Wait.class);
    dataHere = ruined = true;
    assertThat(wish()).isInstanceOf(Wish.Wait.class);
  }

  @Test
  void oldDataIsBroughtBackOnlyWhereThereIsNobodyToCopy() {
    dataHere = running = false;
    putAside = true;
    assertThat(wish()).isInstanceOf(Wish.Clone.class);
    topology = group("a", null);
    assertThat(wish()).isInstanceOf(Wish.BringBack.class);
    topology = group("b", failover("b", true, new Sealing(Set.of(), Map.of())));
    assertThat(wish()).isInstanceOf(Wish.BringBack.class);
    dataHere = ruined = true;
    assertThat(wish()).isInstanceOf(Wish.BringBack.class);
  }

  @Test
  void aMemberWhoseRewindWasInterruptedIsCopiedAnew() {
    ruined = true;
    assertThat(wish()).isInstanceOf(Wish.Clone.class);
    live = new Live(true, "127.0.11.2:7410");
    assertThat(wish()).isInstanceOf(Wish.Content.class);
    topology = group("a", null);
    assertThat(wish()).isInstanceOf(Wish.Wait.class);
  }

  @Test
  void aStandbyThatEndsAgainAndAgainOrStaysSilentIsCopiedAnewButThePrimaryNever() {
    running = false;
    quickExits = Wish.QUICK_EXITS;
    assertThat(wish()).isInstanceOf(Wish.Clone.class);
    topology = group("a", null);
    assertThat(wish()).isInstanceOf(Wish.Start.class);

    topology = group("b", null);
    running = true;
    live = null;
    assertThat(wish()).isInstanceOf(Wish.Wait.class);
    silentFor = Wish.SILENCE.plusSeconds(1);
    assertThat(wish()).isInstanceOf(Wish.Clone.class);
  }

  @Test
  void aRestartWaitsForItsPause() {
    running = false;
    pauseLeft = Duration.ofMillis(1);
    assertThat(wish()).isInstanceOf(Wish.Wait.class);
  }

  @Test
  void aMemberWhoseDiskIsFullSaysSo() {
    room = 3 << 20;
    topology = group("a", null);
    assertThat(wish()).isEqualTo(new Wish.Content("primary; its disk is full, 3 MiB are left"));
  }

  @Test
  void aMemberThatEndsAgainAndAgainOnAFullDiskIsStartedAgainAndNotCopied() {
    running = false;
    quickExits = Wish.QUICK_EXITS;
    assertThat(wish()).isInstanceOf(Wish.Clone.class);
    room = 0;
    assertThat(wish()).isInstanceOf(Wish.Start.class);
    pauseLeft = Duration.ofMillis(1);
    assertThat(wish())
        .asInstanceOf(InstanceOfAssertFactories.type(Wish.Wait.class))
        .extracting(Wish.Wait::reason)
        .asString()
        .contains("its disk is full, 0 MiB are left");
  }

  @Test
  void nothingIsCopiedToAFullDisk() {
    dataHere = running = false;
    room = 0;
    assertThat(wish()).isInstanceOf(Wish.Wait.class);
    room = 1L << 30;
    assertThat(wish()).isInstanceOf(Wish.Clone.class);
  }

  private Wish wish() {
    return Wish.of(
        new Situation(
            member,
            member.equals("a"),
            dataHere,
            groupHasData,
            ruined,
            putAside,
            running,
            live,
            silentFor,
            topology,
            fenced,
            quickExits,
            pauseLeft,
            room));
  }

  private static Transition failover(String oldPrimary, boolean ended, Step step) {
    return new Transition(
        "t1", TransitionKind.FAILOVER, new Epoch(2), oldPrimary, ended, Instant.EPOCH, step);
  }

  private static GroupTopology inMaintenance(GroupTopology g) {
    return new GroupTopology(
        g.cluster(),
        g.group(),
        g.members(),
        g.epoch(),
        g.timeline(),
        g.primary(),
        g.since(),
        g.eligible(),
        null,
        g.transition(),
        null,
        null,
        null,
        new Orders(null, Set.of("a")),
        List.of(),
        null,
        null);
  }

  private static GroupTopology group(String primary, Transition transition) {
    return new GroupTopology(
        "demo",
        1,
        List.of(A, B),
        new Epoch(1),
        new Timeline(2),
        primary,
        Instant.EPOCH,
        Set.of(),
        null,
        transition,
        null,
        null,
        null,
        null,
        List.of(),
        null,
        null);
  }
}
