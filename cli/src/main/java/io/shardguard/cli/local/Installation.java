package io.shardguard.cli.local;

import io.shardguard.cli.Failure;
import io.shardguard.clusterspec.ClusterSpec;
import io.shardguard.clusterspec.ClusterSpecException;
import io.shardguard.clusterspec.ClusterSpecReader;
import io.shardguard.clusterspec.MemberNetwork;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A cluster that was made on this machine, as its state directory remembers it.
 *
 * @param state where it is
 * @param cluster its name
 * @param portBase its lowest port
 * @param network where the members' addresses are from: {@link MemberNetwork#LOOPBACK}, or a
 *     network of their own, each in a namespace
 * @param engine which implementation of the distribution functions was asked for
 * @param observers how many health-monitors watch it
 * @param user the operating system's user that everything runs as
 * @param postgresBin PostgreSQL's programs
 * @param runtime what its members and services are
 * @param brokers how many Kafka brokers it has
 */
public record Installation(
    StateDirectory state,
    String cluster,
    int portBase,
    MemberNetwork network,
    EngineChoice engine,
    int observers,
    String user,
    String postgresBin,
    RuntimeChoice runtime,
    int brokers) {

  /** The most observers that a cluster may have. */
  public static final int MOST_OBSERVERS = 5;

  private static final String FORMAT = "1";

  /** So many observers watch a cluster of containers. */
  public static final int OBSERVERS_OF_CONTAINERS = 3;

  private static final int COORDINATORS_OF_CONTAINERS = 2;

  /** What members and services are. */
  public enum RuntimeChoice {
    /** Processes of this machine. */
    LOCAL,
    /** Containers of a Docker engine on this machine. */
    DOCKER;

    /** As written in the declaration. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** A cluster of processes. */
  public Installation(
      StateDirectory state,
      String cluster,
      int portBase,
      MemberNetwork network,
      EngineChoice engine,
      int observers,
      String user,
      String postgresBin) {
    this(
        state,
        cluster,
        portBase,
        network,
        engine,
        observers,
        user,
        postgresBin,
        RuntimeChoice.LOCAL,
        1);
  }

  /** Which implementation of the distribution functions to run. */
  public enum EngineChoice {
    /** Citus if PostgreSQL has it, else the stand-in. */
    AUTO("auto"),
    CITUS("citus"),
    STAND_IN("stand-in");

    private final String word;

    EngineChoice(String word) {
      this.word = word;
    }

    /** As written on the command line and in the services' configuration. */
    @Override
    public String toString() {
      return word;
    }

    static EngineChoice of(String word) {
      for (EngineChoice choice : values()) {
        if (choice.word.equals(word)) {
          return choice;
        }
      }
      throw new IllegalArgumentException("no such engine: " + word);
    }
  }

  /** Where the members of a cluster live. */
  public enum NetworkChoice {
    /** Beside each other, on addresses of this machine's loopback. */
    LOOPBACK("loopback"),
    /** Each in a network namespace of its own. */
    NAMESPACES("namespaces");

    private final String word;

    NetworkChoice(String word) {
      this.word = word;
    }

    /** As written on the command line. */
    @Override
    public String toString() {
      return word;
    }
  }

  /** Where its members live. */
  public NetworkChoice networkChoice() {
    return MemberNetwork.LOOPBACK.equals(network)
        ? NetworkChoice.LOOPBACK
        : NetworkChoice.NAMESPACES;
  }

  /** Whether members and services are containers. */
  public boolean docker() {
    return runtime == RuntimeChoice.DOCKER;
  }

  /** The same cluster, with so many observers from its next start on. */
  Installation watchedBy(int count) {
    return new Installation(
        state, cluster, portBase, network, engine, count, user, postgresBin, runtime, brokers);
  }

  /** Every process of its services. */
  List<ServiceProcess> services() {
    return ServiceProcess.all(observers, docker() ? COORDINATORS_OF_CONTAINERS : 1);
  }

  public Ports ports() {
    return new Ports(portBase);
  }

  /** Where Kafka's clients connect. */
  public String bootstrapServers() {
    return IntStream.rangeClosed(1, brokers)
        .mapToObj(broker -> "127.0.0.1:" + ports().kafka(broker))
        .collect(Collectors.joining(","));
  }

  /**
   * The declaration that the cluster runs with.
   *
   * @throws Failure if it is not valid
   */
  public ClusterSpec spec() {
    try {
      return ClusterSpecReader.read(state.clusterFile(), portBase, network);
    } catch (ClusterSpecException e) {
      throw Failure.precondition(
          e.getMessage(), "The cluster's declaration must be valid: correct the file.");
    }
  }

  /** What the marker file holds. */
  String marker() {
    return """
    # Written by ./shardguard up: this directory is a cluster's state directory.
    format=%s
    cluster=%s
    port-base=%d
    network=%s
    engine=%s
    observers=%d
    user=%s
    postgres-bin=%s
    runtime=%s
    brokers=%d
    """
        .formatted(
            FORMAT,
            cluster,
            portBase,
            network,
            engine,
            observers,
            user,
            postgresBin,
            runtime,
            brokers);
  }

  static Installation read(StateDirectory state) {
    try {
      Properties marker = new Properties();
      marker.load(new StringReader(Files.readString(state.marker())));
      if (!FORMAT.equals(marker.getProperty("format"))) {
        throw Failure.precondition(
            state.root()
                + " was made by another version of Shardguard (format "
                + marker.getProperty("format")
                + ", this one knows "
                + FORMAT
                + ").",
            "Use the version that made it, or another --state.");
      }
      return new Installation(
          state,
          marker.getProperty("cluster"),
          Integer.parseInt(marker.getProperty("port-base")),
          MemberNetwork.of(marker.getProperty("network", MemberNetwork.LOOPBACK.toString())),
          EngineChoice.of(marker.getProperty("engine")),
          Integer.parseInt(marker.getProperty("observers", "1")),
          marker.getProperty("user"),
          marker.getProperty("postgres-bin"),
          RuntimeChoice.valueOf(marker.getProperty("runtime", "local").toUpperCase(Locale.ROOT)),
          Integer.parseInt(marker.getProperty("brokers", "1")));
    } catch (IOException e) {
      throw Failure.precondition(
          state.marker() + " cannot be read (" + e.getMessage() + ").",
          "Run this as the user who made the cluster, or as root.");
    } catch (IllegalArgumentException | NullPointerException e) {
      throw Failure.precondition(
          state.marker() + " is not what ./shardguard up writes (" + e.getMessage() + ").",
          "Restore it, or use another --state.");
    }
  }
}
