package io.shardguard.lbconfigurator.haproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shardguard.events.GroupTopology;
import io.shardguard.events.ProvisionerEvent.Engine;
import io.shardguard.lbconfigurator.core.Groups;
import io.shardguard.lbconfigurator.core.HaproxyConfig;
import io.shardguard.lbconfigurator.core.HaproxyConfigRenderer;
import io.shardguard.lbconfigurator.core.Routes;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against the real HAProxy, with two small servers as members. */
class HaproxyTest {

  private HaproxyProcess process;
  private Haproxy haproxy;
  private HaproxyConfigRenderer renderer;
  private EchoMember a;
  private EchoMember b;

  @BeforeEach
  void prepare() throws IOException {
    process = new HaproxyProcess();
    haproxy = new Haproxy(process.directory, "haproxy", Duration.ofSeconds(30));
    renderer =
        new HaproxyConfigRenderer(
            Files.readString(Path.of("src/main/resources/templates/haproxy.cfg")),
            process.frontends());
    a = new EchoMember("coordinator-a");
    b = new EchoMember("coordinator-b");
  }

  @AfterEach
  void end() throws IOException {
    process.close();
    a.close();
    b.close();
  }

  @Test
  void everyKindOfTopologyGivesAFileThatHaproxyFindsValid() throws Exception {
    for (Engine engine : new Engine[] {null, Engine.CITUS, Engine.STAND_IN}) {
      haproxy.install(renderer.render(Routes.wanted(Map.of(), engine)));
      haproxy.install(renderer.render(Routes.wanted(Map.of(0, primary(a), 1, workers()), engine)));
      haproxy.install(renderer.render(routesWithoutPrimary()));
    }
  }

  @Test
  void healthySessionsSurviveAReload() throws Exception {
    startWithPrimary(a);
    try (Client client = new Client(process.writePort)) {
      assertThat(client.whoAnswers()).isEqualTo(a.name);
      HaproxyConfig other = renderer.render(Routes.wanted(Map.of(0, primary(a)), Engine.CITUS));
      haproxy.install(other);
      haproxy.reload(other);
      assertThat(haproxy.runningHash()).contains(other.hash());
      assertThat(client.whoAnswers()).isEqualTo(a.name);
    }
  }

  @Test
  void aFailoverIsASwitchInTheRunningProcessThatCutsSessionsToTheDemotedMember() throws Exception {
    startWithPrimary(a);
    try (Client client = new Client(process.writePort)) {
      assertThat(client.whoAnswers()).isEqualTo(a.name);
      Haproxy.Switched switched = haproxy.switchTo(routes(b));
      assertThat(switched).isEqualTo(new Haproxy.Switched(true, 1));
      assertThat(client.whoAnswers()).isNull();
      assertThat(Client.whoAnswers(process.writePort)).isEqualTo(b.name);
    }
  }

  @Test
  void sessionsOnAnOlderWorkerProcessAreCutToo() throws Exception {
    startWithPrimary(a);
    try (Client client = new Client(process.writePort)) {
      assertThat(client.whoAnswers()).isEqualTo(a.name);
      haproxy.reload(renderer.render(routes(a)));
      assertThat(client.whoAnswers()).isEqualTo(a.name);
      assertThat(haproxy.switchTo(routes(b)).cut()).isEqualTo(1);
      assertThat(client.whoAnswers()).isNull();
    }
  }

  @Test
  void withoutAPrimaryNewConnectionsEndAtOnce() throws Exception {
    startWithPrimary(a);
    haproxy.switchTo(routesWithoutPrimary());
    assertThat(Client.whoAnswers(process.writePort)).isNull();
  }

  @Test
  void anInvalidFileIsRejectedAndTheOneBeforeStaysInForce() throws Exception {
    HaproxyConfig good = startWithPrimary(a);
    assertThatThrownBy(() -> haproxy.install(new HaproxyConfig("bad", "nonsense\n")))
        .isInstanceOf(RejectedException.class)
        .hasMessageContaining("nonsense");
    assertThat(haproxy.isInstalled(good)).isTrue();
    assertThat(Client.whoAnswers(process.writePort)).isEqualTo(a.name);
  }

  @Test
  void whatHaproxyCannotLoadIsRejectedAndTheLastGoodFileComesBack() throws Exception {
    HaproxyConfig good = startWithPrimary(a);
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      String text =
          good.text()
              .replace(":" + process.statsPort, ":" + taken.getLocalPort())
              .replace(good.hash(), "other");
      HaproxyConfig unloadable = new HaproxyConfig("other", text);
      haproxy.install(unloadable);
      assertThatThrownBy(() -> haproxy.reload(unloadable))
          .isInstanceOf(RejectedException.class)
          .hasMessageContaining("the last good file is back");
    }
    assertThat(haproxy.isInstalled(good)).isTrue();
    process.awaitUp(haproxy);
    assertThat(haproxy.runningHash()).isEqualTo(Optional.of(good.hash()));
    assertThat(Client.whoAnswers(process.writePort)).isEqualTo(a.name);
  }

  @Test
  void aHaproxyThatWasKilledComesBackWithTheInstalledConfiguration() throws Exception {
    startWithPrimary(a);
    haproxy.switchTo(routes(b));
    haproxy.install(renderer.render(routes(b)));
    process.kill();
    assertThatThrownBy(() -> haproxy.switchTo(routes(b))).isInstanceOf(IOException.class);
    process.start();
    process.awaitUp(haproxy);
    assertThat(Client.whoAnswers(process.writePort)).isEqualTo(b.name);
  }

  private HaproxyConfig startWithPrimary(EchoMember primary) throws Exception {
    HaproxyConfig config = renderer.render(routes(primary));
    haproxy.install(config);
    process.start();
    process.awaitUp(haproxy);
    haproxy.keepAsGood(config);
    return config;
  }

  private Routes routes(EchoMember primary) {
    return Routes.wanted(Map.of(0, primary(primary)), Engine.STAND_IN);
  }

  private Routes routesWithoutPrimary() {
    return Routes.wanted(
        Map.of(
            0, Groups.failingOver(primary(a), new GroupTopology.Sealing(Set.of(b.name), Map.of()))),
        Engine.STAND_IN);
  }

  private GroupTopology primary(EchoMember primary) {
    return Groups.quiet(0, primary.name, a.address(), b.address());
  }

  private static GroupTopology workers() {
    return Groups.quiet(
        1, "worker-1a", Groups.member("worker-1a", 1), Groups.member("worker-1b", 2));
  }
}
