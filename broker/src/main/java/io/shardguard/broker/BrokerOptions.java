package io.shardguard.broker;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the broker is told at its start: {@code --data DIR --address HOST --port N --controller-port
 * N [--outside-port N] [--node N --quorum HOST:PORT,… --cluster-id ID]}, or the environment
 * variables {@code SHARDGUARD_KAFKA_DATA}, {@code …_ADDRESS}, {@code …_PORT}, {@code
 * …_CONTROLLER_PORT}, {@code …_OUTSIDE_PORT}. Arguments win.
 *
 * @param data directory that holds the whole log; made if it is missing
 * @param address to listen on, and that clients are told
 * @param port for clients
 * @param controllerPort for the broker's own controller
 * @param outsidePort for clients that reach the broker as 127.0.0.1, through a port that somebody
 *     publishes there under the same number; 0: there are none
 * @param quorum the brokers that keep every record together
 */
record BrokerOptions(
    Path data, String address, int port, int controllerPort, int outsidePort, Quorum quorum) {

  static final String USAGE =
      "usage: KafkaBroker --data DIRECTORY [--address 127.0.0.1] --port PORT --controller-port PORT"
          + " [--outside-port PORT] [--node N --quorum HOST:PORT,HOST:PORT,… --cluster-id ID]";

  private static final String ENVIRONMENT_PREFIX = "SHARDGUARD_KAFKA_";
  private static final List<String> NAMES =
      List.of(
          "data",
          "address",
          "port",
          "controller-port",
          "outside-port",
          "node",
          "quorum",
          "cluster-id");

  /** Without clients from outside. */
  BrokerOptions(Path data, String address, int port, int controllerPort) {
    this(data, address, port, controllerPort, 0, Quorum.NONE);
  }

  /**
   * The brokers that keep every record together, each with a copy of its own.
   *
   * @param node the number of this one, from 1
   * @param controllers where the controller of each listens, {@code host:port}, in the order of
   *     their numbers; empty: there is this broker alone
   * @param clusterId what tells these brokers from others: the same for all of them, 16 bytes in
   *     URL-safe base64
   */
  record Quorum(int node, List<String> controllers, String clusterId) {

    static final Quorum NONE = new Quorum(1, List.of(), "");

    private static Quorum of(Map<String, String> given) {
      if (!given.containsKey("quorum")) {
        return NONE;
      }
      List<String> controllers = List.of(required(given, "quorum").split(","));
      String node = required(given, "node");
      if (!node.matches("[1-9]") || Integer.parseInt(node) > controllers.size()) {
        throw new IllegalArgumentException(
            "--node is '" + node + "', and --quorum names " + controllers.size() + " brokers");
      }
      String clusterId = required(given, "cluster-id");
      if (!clusterId.matches("[A-Za-z0-9_-]{22}")) {
        throw new IllegalArgumentException(
            "--cluster-id is '" + clusterId + "', not 22 characters of URL-safe base64");
      }
      return new Quorum(Integer.parseInt(node), controllers, clusterId);
    }

    /** So many copies there are of each record. */
    int copies() {
      return Math.max(1, controllers.size());
    }

    /** So many copies must be there before a record is acknowledged: more than half. */
    int copiesNeeded() {
      return copies() / 2 + 1;
    }
  }

  /**
   * Reads the options.
   *
   * @throws IllegalArgumentException that says what is wrong
   */
  static BrokerOptions parse(List<String> arguments, Map<String, String> environment) {
    Map<String, String> given = new HashMap<>();
    given.put("address", "127.0.0.1");
    for (String name : NAMES) {
      String value =
          environment.get(
              ENVIRONMENT_PREFIX + name.replace('-', '_').toUpperCase(java.util.Locale.ROOT));
      if (value != null) {
        given.put(name, value);
      }
    }
    readArguments(arguments, given);
    int port = port(given, "port");
    int controllerPort = port(given, "controller-port");
    if (port == controllerPort) {
      throw new IllegalArgumentException(
          "--port and --controller-port are both " + port + ": give two");
    }
    return new BrokerOptions(
        Path.of(required(given, "data")).toAbsolutePath(),
        given.get("address"),
        port,
        controllerPort,
        given.containsKey("outside-port") ? port(given, "outside-port") : 0,
        Quorum.of(given));
  }

  /** What clients take as {@code bootstrap.servers}. */
  String bootstrapServers() {
    return address + ":" + port;
  }

  private static void readArguments(List<String> arguments, Map<String, String> given) {
    for (int i = 0; i < arguments.size(); i += 2) {
      String name = arguments.get(i).startsWith("--") ? arguments.get(i).substring(2) : "";
      if (!NAMES.contains(name)) {
        throw new IllegalArgumentException("unknown argument '" + arguments.get(i) + "'");
      }
      if (i + 1 == arguments.size()) {
        throw new IllegalArgumentException("--" + name + " has no value");
      }
      given.put(name, arguments.get(i + 1));
    }
  }

  private static String required(Map<String, String> given, String name) {
    String value = given.get(name);
    if (value == null || value.isBlank()) {
      throw new IllegalArgumentException("--" + name + " is missing");
    }
    return value;
  }

  private static int port(Map<String, String> given, String name) {
    String value = required(given, name);
    if (!value.matches("\\d{1,5}")
        || Integer.parseInt(value) < 1
        || Integer.parseInt(value) > 65535) {
      throw new IllegalArgumentException(
          "--" + name + " is '" + value + "', not a port (1 to 65535)");
    }
    return Integer.parseInt(value);
  }
}
