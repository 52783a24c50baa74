package io.shardguard.cli.drill.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.shardguard.cli.Failure;
import io.shardguard.cli.drill.fault.NetworkFault.Cut;
import io.shardguard.cli.drill.fault.NetworkFault.Delay;
import io.shardguard.cli.drill.fault.NetworkFault.Direction;
import io.shardguard.cli.drill.fault.NetworkFault.Loss;
import io.shardguard.cli.drill.fault.NetworkFault.Peer;
import io.shardguard.cli.drill.fault.NetworkFault.Slow;
import io.shardguard.cli.local.TestNetwork;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Faults between namespaces of this machine's kernel. Datagrams tell what a fault lets through:
 * nobody sends them twice. One that was sent after the healing, and arrived, ends the wait for the
 * one that must not arrive.
 */
@Timeout(300)
class NetworkFaultsTest {

  private static final Peer EVERYBODY = new Peer.Everybody();
  private static final Peer OBSERVERS = new Peer.Observers();

  @TempDir private static Path directory;
  private static TestNetwork network;
  private static NetworkFaults faults;

  @BeforeAll
  static void makeNetwork() throws IOException {
    assumeTrue(TestNetwork.possible(), "SKIPPED: network namespaces need root, ip and iptables");
    network = TestNetwork.make(directory.resolve("state"));
    faults = new NetworkFaults(network.namespaces());
  }

  @AfterAll
  static void removeNetwork() {
    if (network != null) {
      network.close();
    }
  }

  @AfterEach
  void healAll() {
    faults.healAll();
  }

  @Test
  void datagramsArriveWithTheSendersOwnAddressWhereNothingIsCut() {
    network.send("a", "b", "hello");
    network.awaitAt("b", network.address("a") + " hello");
    network.sendFromMachine("b", "hello");
    network.awaitAt("b", network.namespaces().observers() + " hello");
  }

  @Test
  void whoIsCutFromEverybodyHearsNobodyAndIsHeardByNobody() {
    faults.inflict("a", new Cut(EVERYBODY, Direction.BOTH));
    network.send("a", "b", "cut-1");
    network.send("b", "a", "cut-2");
    network.sendFromMachine("a", "cut-3");
    faults.heal("a");
    everybodyHearsOf("a", "healed-1");
    assertThat(network.heardBy("a")).doesNotContain("cut-2", "cut-3");
    assertThat(network.heardBy("b")).doesNotContain("cut-1");
  }

  @Test
  void whoIsCutFromItsObserversReachesTheOtherMembers() {
    faults.inflict("a", new Cut(OBSERVERS, Direction.BOTH));
    network.sendFromMachine("a", "cut-4");
    network.send("b", "a", "passes-4");
    network.awaitAt("a", network.address("b") + " passes-4");
    faults.heal("a");
    everybodyHearsOf("a", "healed-4");
    assertThat(network.heardBy("a")).doesNotContain("cut-4");
  }

  @Test
  void whoIsCutFromOneMemberReachesAllOthers() {
    faults.inflict("a", new Cut(new Peer.Members(Set.of("b")), Direction.BOTH));
    network.send("b", "a", "cut-5");
    network.send("a", "b", "cut-6");
    network.send("c", "a", "passes-5");
    network.awaitAt("a", network.address("c") + " passes-5");
    network.sendFromMachine("a", "passes-6");
    network.awaitAt("a", "passes-6");
    faults.heal("a");
    everybodyHearsOf("a", "healed-5");
    assertThat(network.heardBy("a")).doesNotContain("cut-5");
    assertThat(network.heardBy("b")).doesNotContain("cut-6");
  }

  @Test
  void whoIsCutInwardsIsStillHeard() {
    faults.inflict("a", new Cut(EVERYBODY, Direction.IN));
    network.send("a", "b", "passes-7");
    network.awaitAt("b", network.address("a") + " passes-7");
    network.send("b", "a", "cut-7");
    faults.heal("a");
    everybodyHearsOf("a", "healed-7");
    assertThat(network.heardBy("a")).doesNotContain("cut-7");
  }

  @Test
  void whoIsCutOutwardsStillHears() {
    faults.inflict("a", new Cut(EVERYBODY, Direction.OUT));
    network.send("b", "a", "passes-8");
    network.awaitAt("a", network.address("b") + " passes-8");
    network.send("a", "b", "cut-8");
    faults.heal("a");
    everybodyHearsOf("a", "healed-8");
    assertThat(network.heardBy("b")).doesNotContain("cut-8");
  }

  @Test
  void aCutIsSilentAndAConnectionThatWasOpenLivesOnAfterIt() throws IOException {
    try (Socket open = network.connect("a")) {
      assertThat(TestNetwork.ask(open, "before")).isEqualTo("before");
      faults.inflict("a", new Cut(EVERYBODY, Direction.BOTH));
      assertThatThrownBy(
              () -> {
                try (Socket refused = new Socket()) {
                  refused.connect(
                      new InetSocketAddress(network.address("a"), TestNetwork.PORT), 500);
                }
              })
          .isInstanceOf(SocketTimeoutException.class);
      TestNetwork.say(open, "during");
      faults.heal("a");
      assertThat(TestNetwork.answer(open)).isEqualTo("during");
    }
  }

  @Test
  void aDelayMakesARoundTripLonger() throws IOException {
    faults.inflict("a", new Delay(Duration.ofMillis(300), Duration.ofMillis(20)));
    // A second one takes the place of the first.
    faults.inflict("a", new Delay(Duration.ofMillis(150), Duration.ofMillis(20)));
    try (Socket open = network.connect("a")) {
      long begun = System.nanoTime();
      assertThat(TestNetwork.ask(open, "slowly")).isEqualTo("slowly");
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(Duration.ofMillis(149));
    }
    assertThat(network.delaying("a")).isEqualTo(1);
    faults.heal("a");
    everybodyHearsOf("a", "healed-9");
    TestNetwork.until(() -> network.delaying("a") == 0);
  }

  @Test
  void aCutHoldsForDelayedPacketsToo() {
    faults.inflict("a", new Delay(Duration.ofMillis(1), Duration.ZERO));
    network.send("b", "a", "delayed-10");
    network.awaitAt("a", "delayed-10");
    faults.inflict("a", new Cut(EVERYBODY, Direction.IN));
    network.send("b", "a", "cut-10");
    faults.heal("a");
    everybodyHearsOf("a", "healed-10");
    assertThat(network.heardBy("a")).doesNotContain("cut-10");
  }

  @Test
  void ofALossOfAllNothingComesIn() {
    faults.inflict("a", new Loss(50));
    faults.inflict("a", new Loss(100));
    network.send("b", "a", "lost-11");
    network.send("a", "b", "passes-11");
    network.awaitAt("b", "passes-11");
    faults.heal("a");
    everybodyHearsOf("a", "healed-11");
    assertThat(network.heardBy("a")).doesNotContain("lost-11");
  }

  @Test
  void aSlowLinkTakesItsTime() throws IOException {
    faults.inflict("a", new Slow(100_000));
    faults.inflict("a", new Slow(800));
    try (Socket open = network.connect("a")) {
      String long150KiB = "x".repeat(150 * 1024);
      long begun = System.nanoTime();
      assertThat(TestNetwork.ask(open, long150KiB)).hasSize(long150KiB.length());
      // 100 KiB a second, the first 32 KiB for nothing.
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(Duration.ofSeconds(1));
    }
  }

  @Test
  void aHealingMendsWhatSomebodyElseInflictedTwice() {
    for (int i = 0; i < 2; i++) {
      faults.inflict("a", new Cut(EVERYBODY, Direction.BOTH));
      faults.inflict("a", new Cut(OBSERVERS, Direction.IN));
      faults.inflict("a", new Loss(100));
      faults.inflict("a", new Slow(64));
      faults.inflict("a", new Delay(Duration.ofSeconds(3), Duration.ZERO));
    }
    new NetworkFaults(network.namespaces()).heal("a");
    everybodyHearsOf("a", "healed-12");
  }

  @Test
  void aMemberThatIsNotDeclaredIsRefused() {
    assertThatThrownBy(
            () -> faults.inflict("a", new Cut(new Peer.Members(Set.of("nobody")), Direction.BOTH)))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("nobody");
  }

  /** Both ways, from a member and from the machine. */
  private static void everybodyHearsOf(String member, String message) {
    network.send("b", member, message);
    network.awaitAt(member, network.address("b") + " " + message);
    network.send(member, "b", message);
    network.awaitAt("b", network.address(member) + " " + message);
    network.sendFromMachine(member, message);
    network.awaitAt(member, network.namespaces().observers() + " " + message);
  }
}
