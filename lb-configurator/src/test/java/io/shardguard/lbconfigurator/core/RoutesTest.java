package io.shardguard.lbconfigurator.core;

import static io.shardguard.lbconfigurator.core.Groups.member;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shardguard.events.GroupTopology;
import io.shardguard.events.MemberAddress;
import io.shardguard.events.ProvisionerEvent.Engine;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RoutesTest {

  private static final GroupTopology COORDINATOR =
      Groups.quiet(0, "coordinator-a", member("coordinator-a", 1), member("coordinator-b", 2));
  private static final GroupTopology WORKER =
      Groups.quiet(1, "worker-1b", member("worker-1a", 3), member("worker-1b", 4));

  @Test
  void writesGoToTheCoordinatorsPrimaryAlone() {
    assertThat(words(routes(Engine.STAND_IN, COORDINATOR, WORKER).write()))
        .containsExactly("coordinator-a", "coordinator-b disabled");
  }

  @Test
  void readsGoToEligibleStandbysWithThePrimaryBehind() {
    assertThat(words(routes(Engine.STAND_IN, COORDINATOR).read()))
        .containsExactly("coordinator-a backup", "coordinator-b");
  }

  @Test
  void aStandbyThatIsNotEligibleServesNoReads() {
    assertThat(words(routes(Engine.STAND_IN, Groups.degraded(COORDINATOR)).read()))
        .containsExactly("coordinator-a backup");
  }

  @Test
  void nobodyTakesWritesWhileThePrimaryIsBeingReplaced() {
    GroupTopology sealing =
        Groups.failingOver(
            COORDINATOR, new GroupTopology.Sealing(Set.of("coordinator-b"), Map.of()));
    Routes routes = routes(Engine.STAND_IN, sealing);
    assertThat(words(routes.write()))
        .containsExactly("coordinator-a disabled", "coordinator-b disabled");
    assertThat(routes.primaries()).isEmpty();
  }

  @Test
  void anyPrimaryIsReachedThroughOnePortWithCitus() {
    Routes routes = routes(Engine.CITUS, COORDINATOR, WORKER);
    assertThat(words(routes.any()))
        .containsExactly(
            "coordinator-a", "coordinator-b disabled", "worker-1a disabled", "worker-1b");
    assertThat(routes.primaries()).isEqualTo(Map.of(0, "coordinator-a", 1, "worker-1b"));
  }

  @Test
  void saysWhyThereIsNoPortForAnyPrimary() {
    assertThat(routes(Engine.STAND_IN, COORDINATOR).whyNoAny()).contains("stand-in");
    assertThat(routes(null, COORDINATOR).whyNoAny()).contains("not declared");
  }

  @Test
  void anEmptyTopologyLeadsNowhere() {
    assertThat(Routes.wanted(Map.of(), Engine.CITUS))
        .isEqualTo(new Routes(List.of(), List.of(), List.of(), "", Map.of()));
  }

  @Test
  void refusesANameThatWouldBeMoreThanAName() {
    MemberAddress evil = new MemberAddress("a\n  server b", "127.0.0.1", 1);
    assertThatThrownBy(() -> routes(Engine.CITUS, Groups.quiet(0, "x", evil)))
        .isInstanceOf(UnsafeTopologyException.class);
  }

  @Test
  void refusesAHostThatWouldBeMoreThanAHost() {
    MemberAddress evil = new MemberAddress("a", "127.0.0.1 backup", 1);
    assertThatThrownBy(() -> routes(Engine.CITUS, Groups.quiet(0, "x", evil)))
        .isInstanceOf(UnsafeTopologyException.class);
  }

  @Test
  void refusesOneNameForTwoMembers() {
    GroupTopology other = Groups.quiet(1, "coordinator-a", member("coordinator-a", 9));
    assertThatThrownBy(() -> routes(Engine.CITUS, COORDINATOR, other))
        .hasMessageContaining("used twice");
  }

  private static Routes routes(Engine engine, GroupTopology... groups) {
    Map<Integer, GroupTopology> byId = new java.util.HashMap<>();
    for (GroupTopology group : groups) {
      byId.put(group.group(), group);
    }
    return Routes.wanted(byId, engine);
  }

  private static List<String> words(List<Server> servers) {
    return servers.stream().map(server -> server.name() + server.options()).toList();
  }
}
