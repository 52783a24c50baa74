package io.shardguard.cli.local;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The variables of deploy/compose.yaml. */
final class DockerSettings {

  private static final String IMAGES = "shardguard";
  private static final String TAG = "latest";

  private DockerSettings() {}

  /** What members run. */
  static String memberImage() {
    return image("member");
  }

  /** Every image but that of the members. */
  static List<String> images() {
    return List.of(
            "kafka",
            "loadbalancer",
            "provisioner",
            "health-monitor",
            "failover-coordinator",
            "lb-configurator")
        .stream()
        .map(DockerSettings::image)
        .toList();
  }

  private static String image(String name) {
    return IMAGES + "/" + name + ":" + TAG;
  }

  /**
   * The content of compose.env.
   *
   * @param owner user and group, as numbers, who own the state directory
   * @param socket of this machine's engine
   * @param socketGroup the number of the group that may use it
   * @param declared the members' network, if it is not to be made
   */
  static String render(
      Installation installation,
      String owner,
      Path socket,
      int socketGroup,
      Optional<String> declared) {
    StateDirectory state = installation.state();
    Ports ports = installation.ports();
    Map<String, Object> variables = new LinkedHashMap<>();
    String prefix = new DockerStack(installation).prefix();
    variables.put("PREFIX", prefix);
    variables.put("NETWORK", declared.orElse(prefix));
    variables.put("CLUSTER", installation.cluster());
    variables.put("IMAGES", IMAGES);
    variables.put("TAG", TAG);
    variables.put("USER", owner);
    variables.put("DOCKER_GID", socketGroup);
    variables.put("DOCKER_SOCKET", socket);
    variables.put("CLUSTER_FILE", state.clusterFile());
    variables.put("SECRETS", state.secrets());
    variables.put("CERTIFICATES", state.certificates());
    variables.put("ENGINE", installation.engine());
    variables.put("MEMBER_NETWORK", installation.network());
    variables.put("SERVICES_NETWORK", DockerStack.servicesNetwork(installation.network()));
    variables.put("PORT_BASE", ports.base());
    variables.put("WRITE_PORT", ports.write());
    variables.put("READ_PORT", ports.read());
    variables.put("ANY_PORT", ports.any());
    variables.put("STATS_PORT", ports.stats());
    variables.put("KAFKA_PORT", ports.kafka());
    for (int broker = 2; broker <= installation.brokers(); broker++) {
      variables.put("KAFKA_" + broker + "_PORT", ports.kafka(broker));
    }
    variables.put(
        "KAFKA_SERVERS",
        DockerStack.brokers(installation)
            .map(name -> name + ":9092")
            .collect(Collectors.joining(",")));
    variables.put("TOPIC_REPLICAS", installation.brokers());
    for (ServiceProcess process : installation.services()) {
      String name = process.programName().toUpperCase(Locale.ROOT).replace('-', '_');
      variables.put(name + "_PORT", ports.http(process));
    }
    return "# Written by ./shardguard up: the variables of app/compose.yaml.\n"
        + variables.entrySet().stream()
            .map(variable -> "SHARDGUARD_" + variable.getKey() + "=" + variable.getValue() + "\n")
            .collect(Collectors.joining());
  }
}
