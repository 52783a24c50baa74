package io.shardguard.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BrokerOptionsTest {

  @Test
  void argumentsWinOverTheEnvironment() {
    BrokerOptions options =
        BrokerOptions.parse(
            List.of("--port", "7420", "--data", "/data"),
            Map.of("SHARDGUARD_KAFKA_PORT", "1", "SHARDGUARD_KAFKA_CONTROLLER_PORT", "7421"));
    assertThat(options).isEqualTo(new BrokerOptions(Path.of("/data"), "127.0.0.1", 7420, 7421));
  }

  @Test
  void clientsFromOutsideAreToldTheLoopbackAddressAndAllOthersItsOwn() {
    BrokerOptions options =
        new BrokerOptions(Path.of("/data"), "kafka", 9092, 9093, 7420, BrokerOptions.Quorum.NONE);
    assertThat(BrokerSettings.of(options))
        .containsEntry(
            "listeners", "CLIENT://kafka:9092,OUTSIDE://0.0.0.0:7420,CONTROLLER://kafka:9093")
        .containsEntry("advertised.listeners", "CLIENT://kafka:9092,OUTSIDE://127.0.0.1:7420");
  }

  @Test
  void ofThreeBrokersTwoMustHaveARecordBeforeItIsAcknowledged() {
    BrokerOptions options =
        BrokerOptions.parse(
            List.of(
                "--data",
                "/data",
                "--address",
                "kafka-2",
                "--port",
                "9092",
                "--controller-port",
                "9093",
                "--node",
                "2",
                "--quorum",
                "kafka:9093,kafka-2:9093,kafka-3:9093",
                "--cluster-id",
                "c2hhcmRndWFyZC1rYWZrYQ"),
            Map.of());
    assertThat(BrokerSettings.of(options))
        .containsEntry("node.id", "2")
        .containsEntry("controller.quorum.voters", "1@kafka:9093,2@kafka-2:9093,3@kafka-3:9093")
        .containsEntry("default.replication.factor", "3")
        .containsEntry("min.insync.replicas", "2")
        .containsEntry("transaction.state.log.min.isr", "2");
  }

  @Test
  void refusesANumberThatNoBrokerOfTheQuorumHas() {
    assertThatThrownBy(() ->
            BrokerOptions.parse(
                List.of(
                    "--data",
                    "d",
                    "--port",
                    "1",
                    "--controller-port",
                    "2",
                    "--node",
                    "4",
                    "--quorum",
                    "a:1,b:1,c:1",
                    "--cluster-id",
                    "c2hhcmRndWFyZC1rYWZrYQ"),
                Map.of()))
        .hasMessage("--node is '4', and --quorum names 3 brokers");
  }

  @Test
  void saysWhichArgumentIsMissing() {
    assertThatThrownBy(
            () -> BrokerOptions.parse(List.of("--port", "1", "--controller-port", "2"), Map.of()))
        .hasMessage("--data is missing");
  }

  @Test
  void refusesWhatIsNoPort() {
    assertThatThrownBy(
            () -> BrokerOptions.parse(List.of("--data", "d", "--port", "70000"), Map.of()))
        .hasMessage("--port is '70000', not a port (1 to 65535)");
  }

  @Test
  void refusesOnePortForTwoListeners() {
    assertThatThrownBy(() ->
            BrokerOptions.parse(
                List.of("--data", "d", "--port", "7", "--controller-port", "7"), Map.of()))
        .hasMessageContaining("both 7");
  }
}
