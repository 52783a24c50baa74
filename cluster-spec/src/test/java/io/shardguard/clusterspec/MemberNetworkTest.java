package io.shardguard.clusterspec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MemberNetworkTest {

  private static final MemberNetwork OWN = MemberNetwork.of("10.83.0.0/16");

  @Test
  void aMembersAddressIsTheSameAtItsEndInEveryNetwork() {
    assertThat(OWN.host(3, 1)).isEqualTo("10.83.13.2");
    assertThat(MemberNetwork.LOOPBACK.host(3, 1)).isEqualTo("127.0.13.2");
  }

  @Test
  void isReadAsItIsWritten() {
    assertThat(MemberNetwork.of(OWN.toString())).isEqualTo(OWN);
    assertThat(MemberNetwork.of("127.0.0.0/8")).isEqualTo(MemberNetwork.LOOPBACK);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "10.83.0.0", "10.83.1.0/24", "10.83.0.0/33", "members"})
  void whatIsNoNetworkIsRefused(String written) {
    assertThatThrownBy(() -> MemberNetwork.of(written))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("10.83.0.0/16");
  }

  @Test
  void aHostBelongsToItByItsAddressOnly() {
    assertThat(OWN.contains("10.83.13.2")).isTrue();
    assertThat(OWN.contains("10.84.13.2")).isFalse();
    assertThat(OWN.contains("10.83.13.256")).isFalse();
    assertThat(OWN.contains("worker-1a")).isFalse();
    assertThat(MemberNetwork.LOOPBACK.contains("127.1.2.3")).isTrue();
  }
}
