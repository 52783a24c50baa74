package io.shardguard.cli.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardguard.clusterspec.MemberNetwork;
import org.junit.jupiter.api.Test;

class FreeNetworkTest {

  private static final MemberNetwork WANTED = MemberNetwork.of("10.83.0.0/16");

  @Test
  void aNetworkIsTakenIfARouteLeadsToPartOfIt() {
    assertThat(FreeNetwork.users(WANTED, "10.83.7.0/24 dev docker0 proto kernel", "sg1"))
        .hasSize(1);
  }

  @Test
  void aNetworkIsTakenIfARouteLeadsToMoreThanIt() {
    assertThat(FreeNetwork.users(WANTED, "10.0.0.0/8 via 192.0.2.9 dev eth0", "sg1")).hasSize(1);
  }

  @Test
  void theWayToEverywhereTakesNothing() {
    assertThat(FreeNetwork.users(WANTED, "default via 10.83.0.1 dev eth0", "sg1")).isEmpty();
  }

  @Test
  void aNeighbouringNetworkTakesNothing() {
    assertThat(FreeNetwork.users(WANTED, "10.84.0.0/16 dev eth1 scope link", "sg1")).isEmpty();
  }

  @Test
  void theClustersOwnLinkDoesNotTakeItsNetwork() {
    String routes =
        "10.83.0.0/16 dev sg1 proto kernel\nlocal 10.83.0.1 dev sg1 table local proto kernel";
    assertThat(FreeNetwork.users(WANTED, routes, "sg1")).isEmpty();
    assertThat(FreeNetwork.users(WANTED, routes, "sg2")).hasSize(2);
  }

  @Test
  void everyPrivateNetworkIsACandidateOnceWhateverTheSeed() {
    assertThat(FreeNetwork.candidates(-7))
        .hasSize(272)
        .doesNotHaveDuplicates()
        .contains(WANTED, MemberNetwork.of("172.31.0.0/16"));
  }
}
