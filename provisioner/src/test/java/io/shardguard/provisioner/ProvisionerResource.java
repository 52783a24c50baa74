package io.shardguard.provisioner;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.shardguard.testkit.KafkaServer;
import java.nio.file.Path;
import java.util.Map;

/** A broker and a state directory with a coordinator group and a worker group of two. */
public final class ProvisionerResource implements QuarkusTestResourceLifecycleManager {

  static final String CLUSTER = "tested";

  private static final String DECLARATION =
      """
      cluster: tested
      settings: {shared_buffers: 16MB}
      groups:
        - {group: 0, members: [coordinator-a, coordinator-b]}
        - {group: 1, members: [worker-1a, worker-1b]}
      """;

  private KafkaServer kafka;
  private TestState state;

  @Override
  public Map<String, String> start() {
    kafka = KafkaServer.started();
    state = new TestState(DECLARATION);
    return Map.of(
        "kafka.bootstrap.servers", kafka.bootstrapServers(),
        "shardguard.cluster", CLUSTER,
        "shardguard.cluster-file", state.clusterFile().toString(),
        "shardguard.state-dir", state.directory().toString(),
        "shardguard.secrets-dir", state.secrets().toString(),
        "shardguard.port-base", Integer.toString(state.portBase()),
        "shardguard.standin-dir", Path.of("../sql/standin").toAbsolutePath().normalize().toString(),
        "shardguard.engine", System.getProperty("shardguard.test.engine", "auto"));
  }

  @Override
  public void inject(TestInjector injector) {
    injector.injectIntoFields(state, field -> field.getType() == TestState.class);
  }

  @Override
  public void stop() {
    if (state != null) {
      state.close();
    }
    if (kafka != null) {
      kafka.close();
    }
  }
}
