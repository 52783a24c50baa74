package io.shardguard.cli.view;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardguard.cli.view.ClusterStatus.GroupStatus;
import io.shardguard.cli.view.ClusterStatus.MemberStatus;
import io.shardguard.cli.view.ClusterStatus.Part;
import io.shardguard.cli.view.ClusterStatus.ServiceStatus;
import io.shardguard.cli.view.StatusBuilder.Kept;
import io.shardguard.clusterspec.ClusterSpec;
import io.shardguard.clusterspec.GroupSpec;
import io.shardguard.events.Diagnosis;
import io.shardguard.events.Epoch;
import io.shardguard.events.GroupTopology;
import io.shardguard.events.GroupTopology.Attach;
import io.shardguard.events.GroupTopology.Detach;
import io.shardguard.events.GroupTopology.Loss;
import io.shardguard.events.GroupTopology.Orders;
import io.shardguard.events.GroupTopology.Paused;
import io.shardguard.events.Lsn;
import io.shardguard.events.MemberAddress;
import io.shardguard.events.Observation;
import io.shardguard.events.Observation.MemberView;
import io.shardguard.events.Observation.Upstream;
import io.shardguard.events.Observation.Verdict;
import io.shardguard.events.ReplicationEvent.Refusal;
import io.shardguard.events.Timeline;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StatusBuilderTest {

  private static final Instant NOW = Instant.parse("2026-11-24T08:00:00Z");
  private static final MemberAddress A = new MemberAddress("worker-1a", "127.0.11.1", 7410);
  private static final MemberAddress B = new MemberAddress("worker-1b", "127.0.11.2", 7410);
  private static final ClusterSpec SPEC =
      new ClusterSpec("demo", "local", List.of(new GroupSpec(1, List.of(A, B))), Map.of());

  @Test
  void aPrimaryAndAStreamingEligibleStandbyAreAWholeGroup() {
    GroupStatus group = group(topology(Set.of("worker-1b")), primary(), standby(true, "0/100"));
    assertThat(group.whole()).isTrue();
    assertThat(group.members())
        .extracting(MemberStatus::state)
        .containsExactly("running", "streaming");
  }

  @Test
  void lagIsTheDistanceInBytes() {
    GroupStatus group = group(topology(Set.of("worker-1b")), primary(), standby(true, "0/100"));
    assertThat(group.members().get(0).lagBytes()).isNull();
    assertThat(group.members().get(1).lagBytes()).isEqualTo(0x100);
  }

  @Test
  void aStandbyThatIsNotEligibleMakesTheGroupNotWhole() {
    assertThat(group(topology(Set.of()), primary(), standby(true, "0/200")).whole()).isFalse();
  }

  @Test
  void aStandbyThatDoesNotStreamIsSaidSo() {
    GroupStatus group = group(topology(Set.of("worker-1b")), primary(), standby(false, "0/200"));
    assertThat(group.members().get(1).state()).isEqualTo("not streaming");
    assertThat(group.whole()).isFalse();
  }

  @Test
  void aDownMemberIsShownWithItsDiagnosis() {
    MemberView down =
        new MemberView(1, "worker-1b", Verdict.DOWN, Diagnosis.PROCESS_EXITED, NOW, null);
    assertThat(group(topology(Set.of()), primary(), down).members().get(1).state())
        .isEqualTo("down (process exited)");
  }

  @Test
  void aSecondWritableMemberIsARogue() {
    MemberView rogue =
        new MemberView(1, "worker-1b", Verdict.UP, null, NOW, status(false, "0/200", null));
    assertThat(group(topology(Set.of()), primary(), rogue).members().get(1).role())
        .isEqualTo("rogue");
  }

  @Test
  void aGroupThatIsNotInTheTopologyHasNoPrimary() {
    GroupStatus group =
        new StatusBuilder(Map.of(), Map.of(), List.of(), Map.of()).groups(SPEC).getFirst();
    assertThat(group.primary()).isNull();
    assertThat(group.whole()).isFalse();
    assertThat(group.members()).extracting(MemberStatus::state).containsOnly("not seen");
  }

  @Test
  void anIsolatedObserverDoesNotCount() {
    Observation isolated = new Observation("m1", NOW, true, List.of(primary()));
    GroupStatus group =
        new StatusBuilder(Map.of(1, topology(Set.of())), Map.of(), List.of(isolated), Map.of())
            .groups(SPEC)
            .getFirst();
    assertThat(group.members().getFirst().state()).isEqualTo("not seen");
  }

  @Test
  void anObserverThatLostAMemberAloneDoesNotMakeItLookLost() {
    MemberView lost =
        new MemberView(
            1,
            "worker-1a",
            Verdict.DOWN,
            Diagnosis.UNREACHABLE,
            NOW.minusSeconds(40),
            status(false, "0/100", null));
    Observation seen = new Observation("m1", NOW.minusMillis(900), false, List.of(primary()));
    Observation newer = new Observation("m2", NOW, false, List.of(lost));
    GroupStatus group =
        new StatusBuilder(Map.of(1, topology(Set.of())), Map.of(), List.of(seen, newer), Map.of())
            .groups(SPEC)
            .getFirst();
    assertThat(group.members().getFirst().state()).isEqualTo("running");
  }

  @Test
  void aClusterIsWholeOnlyIfEveryPartIs() {
    GroupStatus whole = group(topology(Set.of("worker-1b")), primary(), standby(true, "0/100"));
    Part well = new Part("RUNNING", true, "");
    ServiceStatus ready = new ServiceStatus("provisioner", "RUNNING", true, "");
    ServiceStatus unready = new ServiceStatus("provisioner", "RUNNING", false, "Kafka");
    assertThat(
            new ClusterStatus("demo", "Citus", List.of(whole), List.of(ready), well, well).whole())
        .isTrue();
    ClusterStatus status =
        new ClusterStatus("demo", "Citus", List.of(whole), List.of(unready), well, well);
    assertThat(status.problems())
        .containsExactly("provisioner is not ready, its process RUNNING: Kafka");
    assertThat(StatusText.of(status)).contains("not ready: Kafka").contains("Not as it should be");
  }

  @Test
  void standingOrdersAreToldAndDoNotMakeAWholeGroupLess() {
    Orders orders = new Orders(new Paused(NOW, "cli/me@here"), Set.of());
    GroupStatus group =
        group(
            topology(Set.of("worker-1b"), null, null, orders, null),
            primary(),
            standby(true, "0/100"));
    assertThat(group.whole()).isTrue();
    assertThat(GroupNotes.of(group))
        .containsExactly(
            "group 1: automatic failovers are paused since 2026-11-24T08:00:00Z, by cli/me@here");
  }

  @Test
  void aMemberInMaintenanceIsMarked() {
    GroupStatus group =
        group(
            topology(Set.of(), null, null, new Orders(null, Set.of("worker-1b")), null),
            primary(),
            standby(true, "0/100"));
    assertThat(group.members()).extracting(MemberStatus::maintenance).containsExactly(false, true);
    assertThat(GroupNotes.of(group)).containsExactly("group 1: worker-1b is in maintenance");
  }

  @Test
  void aStandbyThatIsBecomingEligibleCountsInTheQuorum() {
    GroupStatus group =
        group(
            topology(Set.of("worker-1b"), new Attach("worker-1c", null), null, null, null),
            primary(),
            standby(true, "0/100"));
    assertThat(GroupNotes.of(group))
        .containsExactly(
            "group 1: worker-1c is becoming eligible",
            "group 1: a commit waits for any one of worker-1b, worker-1c; a failover needs all of them");
  }

  @Test
  void aStandbyThatIsCeasingToBeEligibleIsTold() {
    GroupStatus group =
        group(
            topology(Set.of("worker-1b"), null, new Detach("worker-1b", null), null, null),
            primary(),
            standby(true, "0/100"));
    assertThat(GroupNotes.of(group))
        .containsExactly("group 1: worker-1b is ceasing to be eligible");
  }

  @Test
  void whatAForcedFailoverMayHaveLostIsTold() {
    Loss loss = new Loss("t-2", "worker-1b", Lsn.parse("0/100"), Lsn.parse("0/300"), NOW);
    GroupStatus group =
        group(
            topology(Set.of("worker-1b"), null, null, null, loss),
            primary(),
            standby(true, "0/100"));
    assertThat(GroupNotes.of(group))
        .containsExactly(
            "group 1: the forced failover of 2026-11-24T08:00:00Z may have lost acknowledged commits from 0/100 to"
                + " 0/300 that worker-1b had (t-2)");
  }

  @Test
  void aGroupWhoseNewestStateCannotBeReadIsShownAsItWasAndNotWhole() {
    Observation observation =
        new Observation("m1", NOW, false, List.of(primary(), standby(true, "0/100")));
    GroupStatus group =
        new StatusBuilder(
                Map.of(1, topology(Set.of("worker-1b"))),
                Map.of(1, "torn"),
                List.of(observation),
                Map.of())
            .groups(SPEC)
            .getFirst();
    assertThat(group.primary()).isEqualTo("worker-1a");
    assertThat(group.whole()).isFalse();
    Part well = new Part("RUNNING", true, "");
    assertThat(new ClusterStatus("demo", "Citus", List.of(group), List.of(), well, well).problems())
        .containsExactly("group 1: its newest state in the log cannot be read: torn");
  }

  @Test
  void aMemberWhoseDiskIsFullIsAProblemThoughItAnswers() {
    Observation observation =
        new Observation("m1", NOW, false, List.of(primary(), standby(true, "0/100")));
    GroupStatus group =
        new StatusBuilder(
                Map.of(1, topology(Set.of("worker-1b"))),
                Map.of(),
                List.of(observation),
                Map.of(
                    "worker-1a",
                    new Kept("primary; its disk is full, 3 MiB are left", true),
                    "worker-1b",
                    new Kept("standby of worker-1a", false)))
            .groups(SPEC)
            .getFirst();
    Part well = new Part("RUNNING", true, "");
    assertThat(new ClusterStatus("demo", "Citus", List.of(group), List.of(), well, well).problems())
        .containsExactly(
            "group 1: worker-1a is running, disk full (provisioner: primary; its disk is full, 3 MiB are left)");
  }

  @ParameterizedTest
  @EnumSource(Refusal.class)
  void everyRefusalIsSaidInWords(Refusal refusal) {
    assertThat(RefusalText.of(refusal)).isNotBlank().doesNotContain("_");
  }

  private static GroupStatus group(GroupTopology topology, MemberView... views) {
    Observation observation = new Observation("m1", NOW, false, List.of(views));
    return new StatusBuilder(Map.of(1, topology), Map.of(), List.of(observation), Map.of())
        .groups(SPEC)
        .getFirst();
  }

  private static GroupTopology topology(Set<String> eligible) {
    return topology(eligible, null, null, null, null);
  }

  private static GroupTopology topology(
      Set<String> eligible, Attach attach, Detach detach, Orders orders, Loss loss) {
    return new GroupTopology(
        "demo",
        1,
        List.of(A, B),
        new Epoch(1),
        new Timeline(2),
        "worker-1a",
        NOW,
        eligible,
        attach,
        null,
        null,
        null,
        detach,
        orders,
        List.of(),
        loss,
        null);
  }

  private static MemberView primary() {
    return new MemberView(1, "worker-1a", Verdict.UP, null, NOW, status(false, "0/200", null));
  }

  private static MemberView standby(boolean streaming, String lsn) {
    Upstream upstream = streaming ? new Upstream("127.0.11.1", 7410, "streaming", 10L) : null;
    return new MemberView(1, "worker-1b", Verdict.UP, null, NOW, status(true, lsn, upstream));
  }

  private static Observation.MemberStatus status(boolean recovery, String lsn, Upstream upstream) {
    return new Observation.MemberStatus(
        recovery,
        new Timeline(2),
        Lsn.parse(lsn),
        recovery ? Lsn.parse(lsn) : null,
        "",
        "on",
        upstream,
        List.of(),
        NOW);
  }
}
