package io.shardguard.lbconfigurator.core;

import static io.shardguard.lbconfigurator.core.Groups.member;
import static org.assertj.core.api.Assertions.assertThat;

import io.shardguard.events.GroupTopology;
import io.shardguard.events.ProvisionerEvent.Engine;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RuntimeSwitchTest {

  private static final GroupTopology B_IS_PRIMARY =
      Groups.degraded(Groups.quiet(0, "b", member("a", 1), member("b", 2)));
  private static final Routes TO_B = Routes.wanted(Map.of(0, B_IS_PRIMARY), Engine.STAND_IN);

  @Test
  void closesTheOldPrimaryAndOpensTheNewOne() {
    RuntimeSwitch change =
        RuntimeSwitch.between(
            List.of(running(Backend.WRITE, "a", 1, true), running(Backend.WRITE, "b", 2, false)),
            TO_B);
    assertThat(change.close()).containsExactly("set server write/a state maint");
    assertThat(change.open()).containsExactly("set server write/b state ready");
    assertThat(change.complete()).isTrue();
  }

  @Test
  void takesAStandbyThatIsNoLongerEligibleOutOfReads() {
    assertThat(RuntimeSwitch.between(List.of(running(Backend.READ, "a", 1, true)), TO_B).close())
        .containsExactly("set server read/a state maint");
  }

  @Test
  void isNotCompleteWhenTheNewPrimaryIsUnknownToTheRunningProcess() {
    assertThat(
            RuntimeSwitch.between(List.of(running(Backend.WRITE, "a", 1, true)), TO_B).complete())
        .isFalse();
  }

  @Test
  void neverOpensAServerThatIsAtAnotherAddress() {
    RuntimeSwitch change =
        RuntimeSwitch.between(List.of(running(Backend.WRITE, "b", 9, false)), TO_B);
    assertThat(change.open()).isEmpty();
    assertThat(change.complete()).isFalse();
  }

  @Test
  void saysNothingWhenAllIsAsWanted() {
    List<RunningServer> asWanted =
        List.of(
            running(Backend.WRITE, "a", 1, false),
            running(Backend.WRITE, "b", 2, true),
            running(Backend.READ, "b", 2, true));
    assertThat(RuntimeSwitch.between(asWanted, TO_B).isEmpty()).isTrue();
  }

  @Test
  void readsTheStateOfServersAsHaproxyTellsIt() {
    String answer =
        """
        1
        # be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state ...
        3 write 1 a 127.0.0.1 2 0 1 1 0 1 0 2 0 0 0 0 - 28410 - 0 0 - - 0
        3 write 2 b 127.0.0.1 0 5 1 1 0 1 0 0 8 0 0 0 - 28411 - 0 0 - - 0
        4 other 1 c 127.0.0.1 2 0 1 1 0 1 0 2 0 0 0 0 - 28412 - 0 0 - - 0
        """;
    assertThat(RunningServer.parse(answer))
        .containsExactly(
            running(Backend.WRITE, "a", 28410, true), running(Backend.WRITE, "b", 28411, false));
  }

  @Test
  void tellsTheCurrentWorkerFromOldOnes() {
    String answer =
        """
        #<PID>          <type>          <reloads>       <uptime>        <version>
        19654           master          2 [failed: 1]   0d00h10m41s     2.6.12-1+deb12u4
        # workers
        24379           worker          0               0d00h00m00s     2.6.12-1+deb12u4
        # old workers
        19867           worker          1               0d00h10m39s     2.6.12-1+deb12u4
        # programs

        """;
    Workers workers = Workers.parse(answer);
    assertThat(workers.current()).hasValue(24379);
    assertThat(workers.old()).containsExactly(19867L);
    assertThat(workers.failedReloads()).isEqualTo(1);
  }

  @Test
  void readsSessionsAsHaproxyTellsThem() {
    String answer =
        """
        0x562d1c581ee0: proto=tcpv4 src=127.0.0.1:60190 fe=write-port be=write srv=a ts=00 epoch=0x1 age=0s calls=2
        0x562d1c6a0020: proto=sockpair src=unix:2 fe=GLOBAL be=<NONE> srv=<none> ts=00 epoch=0x1 age=0s
        """;
    assertThat(Session.parse(answer))
        .containsExactly(new Session("0x562d1c581ee0", Backend.WRITE, "a"));
  }

  private static RunningServer running(Backend backend, String name, int port, boolean open) {
    return new RunningServer(backend, name, "127.0.0.1", "-", port, open);
  }
}
