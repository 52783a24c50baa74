package io.shardguard.broker;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the broker is told at its start: {@code --data DIR --address HOST --port N --controller-port
 * N [--outside-port N]}, or the environment variables {@code SHARDGUARD_KAFKA_DATA}, {@code
 * …_ADDRESS}, {@code …_PORT}, {@code …_CONTROLLER_PORT}, {@code …_OUTSIDE_PORT}. Arguments win.
 *
 * @param data directory that holds the whole log; made if it is missing
 * @param address to listen on, and that clients are told
 * @param port for clients
 * @param controllerPort for the broker's own controller
 * @param outsidePort for clients that reach the broker as 127.0.0.1, through a port that somebody
 *     publishes there under the same number; 0: there are none
 */
record BrokerOptions(Path data, String address, int port, int controllerPort, int outsidePort) {

  static final String USAGE =
      "usage: KafkaBroker --data DIRECTORY [--address 127.0.0.1] --port PORT --controller-port PORT"
          + " [--outside-port PORT]";

  private static final String ENVIRONMENT_PREFIX = "SHARDGUARD_KAFKA_";
  private static final List<String> NAMES =
      List.of("data", "address", "port", "controller-port", "outside-port");

  /** Without clients from outside. */
  BrokerOptions(Path data, String address, int port, int controllerPort) {
    this(data, address, port, controllerPort, 0);
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
        given.containsKey("outside-port") ? port(given, "outside-port") : 0);
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
