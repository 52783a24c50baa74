package io.shardguard.cli.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shardguard.cli.Failure;
import io.shardguard.cli.local.Installation.EngineChoice;
import io.shardguard.cli.local.Installation.RuntimeChoice;
import io.shardguard.clusterspec.MemberNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class DockerSettingsTest {

  /** Left to those who write compose.env by hand. */
  private static final Set<String> BY_HAND = Set.of("SHARDGUARD_CLIENT_ADDRESS");

  private final Installation installation =
      new Installation(
          new StateDirectory(Path.of("/srv/sg")),
          "demo",
          7600,
          MemberNetwork.of("10.83.0.0/16"),
          EngineChoice.AUTO,
          Installation.OBSERVERS_OF_CONTAINERS,
          "ada",
          "/usr/lib/postgresql/15/bin",
          RuntimeChoice.DOCKER,
          3);

  private final String variables =
      DockerSettings.render(
          installation, "1000:1001", Path.of("/var/run/docker.sock"), 998, Optional.empty());

  @Test
  void everyVariableOfTheComposeFileIsWrittenAndNoOther() throws IOException {
    String compose =
        Files.readString(Path.of("../deploy/compose.yaml"))
            + Files.readString(Path.of("../deploy/compose.network.yaml"))
            + Files.readString(Path.of("../deploy/compose.three-brokers.yaml"));
    Set<String> read =
        Pattern.compile("\\$\\{(\\w+)")
            .matcher(compose)
            .results()
            .map(m -> m.group(1))
            .collect(Collectors.toSet());
    Set<String> written =
        variables
            .lines()
            .filter(line -> !line.startsWith("#"))
            .map(line -> line.substring(0, line.indexOf('=')))
            .collect(Collectors.toSet());
    read.removeAll(BY_HAND);
    assertThat(written).isEqualTo(read);
  }

  @Test
  void eachClusterHasItsOwnPortsAndItsOwnerAndTheSocketsGroup() {
    assertThat(variables.lines())
        .contains(
            "SHARDGUARD_USER=1000:1001",
            "SHARDGUARD_DOCKER_GID=998",
            "SHARDGUARD_WRITE_PORT=7600",
            "SHARDGUARD_HEALTH_MONITOR_3_PORT=7635",
            "SHARDGUARD_FAILOVER_COORDINATOR_2_PORT=7638",
            "SHARDGUARD_KAFKA_SERVERS=kafka:9092,kafka-2:9092,kafka-3:9092",
            "SHARDGUARD_SERVICES_NETWORK=10.83.0.0/21");
  }

  @Test
  void aNetworkThatWasDeclaredIsUsedInsteadOfOneOfTheClustersOwn() {
    assertThat(variables).containsPattern("SHARDGUARD_NETWORK=sg[0-9a-f]{8}\n");
    assertThat(
            DockerSettings.render(
                installation,
                "1000:1001",
                Path.of("/var/run/docker.sock"),
                998,
                Optional.of("members")))
        .contains("SHARDGUARD_NETWORK=members\n");
  }

  @Test
  void noTwoThingsSharePorts() {
    assertThat(installation.ports().onLocalhost(installation.services())).hasSize(6 + 7);
    assertThat(installation.ports().onLocalhost(installation.services()).keySet())
        .allMatch(port -> port <= installation.portBase() + Ports.SPAN);
  }

  @Test
  void theRuntimeIsRememberedInTheMarkerAndAClusterWithoutOneIsLocal() throws IOException {
    Path directory = Files.createTempDirectory("sg-marker");
    StateDirectory state = new StateDirectory(directory);
    try {
      Files.writeString(state.marker(), installation.marker());
      assertThat(Installation.read(state).docker()).isTrue();
      Files.writeString(state.marker(), installation.marker().replace("runtime=docker\n", ""));
      assertThat(Installation.read(state).docker()).isFalse();
    } finally {
      Files.delete(state.marker());
      Files.delete(directory);
    }
  }

  @Test
  void anOldEngineIsRefusedWithTheVersionThatIsNeeded() {
    DockerChecks.requireAtLeast("The Docker engine", "20.10.24+dfsg1", 20_10);
    DockerChecks.requireAtLeast("Docker compose", "v2.26.1-4", 2_20);
    DockerChecks.requireAtLeast("The Docker engine", "28.2.2", 20_10);
    assertThatThrownBy(() -> DockerChecks.requireAtLeast("The Docker engine", "19.03.5", 20_10))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("'19.03.5'")
        .hasMessageContaining("20.10 or newer");
  }
}
