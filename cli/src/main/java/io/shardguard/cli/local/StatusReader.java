package io.shardguard.cli.local;

import io.shardguard.cli.local.Supervisor.Program;
import io.shardguard.cli.view.ClusterStatus;
import io.shardguard.cli.view.ClusterStatus.Part;
import io.shardguard.cli.view.ClusterStatus.ServiceStatus;
import io.shardguard.cli.view.StatusBuilder;
import io.shardguard.cli.view.StatusBuilder.Kept;
import io.shardguard.clusterspec.ClusterSpec;
import io.shardguard.eventlog.GroupStates;
import io.shardguard.eventlog.LogReader;
import io.shardguard.events.GroupTopology;
import io.shardguard.events.Observation;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Asks every part of a cluster how it is; each question is bounded, and no answer is an answer too.
 */
public final class StatusReader {

  private static final Duration LOG = Duration.ofSeconds(10);
  private static final Duration OBSERVATIONS_COUNT_FOR = Duration.ofSeconds(10);

  private final Installation installation;
  private final ClusterSpec spec;
  private final Health health = new Health();
  private final LogReader log;

  public StatusReader(Installation installation) {
    this.installation = installation;
    this.spec = installation.spec();
    this.log = new LogReader(installation.bootstrapServers());
  }

  /**
   * The status now.
   *
   * @param programs what supervisor says of the processes
   */
  public ClusterStatus read(List<Program> programs) {
    List<Integer> silent = silentBrokers();
    boolean kafka = silent.size() < installation.brokers();
    String[] failure = {
      silent.isEmpty() ? null : "no connection to 127.0.0.1, port " + join(silent)
    };
    GroupStates states = new GroupStates(Map.of(), Map.of());
    Collection<Observation> observations = List.of();
    if (kafka) {
      try {
        states = log.groupStates(LOG);
        observations =
            log.observations(
                    installation.cluster(), Instant.now().minus(OBSERVATIONS_COUNT_FOR), LOG)
                .values();
      } catch (TimeoutException | RuntimeException e) {
        failure[0] = e.getMessage();
      }
    }
    String[] engine = {null};
    Part haproxy = haproxy(programs, engine);
    return new ClusterStatus(
        installation.cluster(),
        engine[0],
        new StatusBuilder(
                ofThisCluster(states.lastReadable()),
                ofThisCluster(states.unreadable()),
                observations,
                kept())
            .groups(spec),
        services(programs),
        new Part(word(programs, "kafka"), failure[0] == null, failure[0] == null ? "" : failure[0]),
        haproxy);
  }

  /** The ports of the brokers that take no connection. */
  private List<Integer> silentBrokers() {
    return IntStream.rangeClosed(1, installation.brokers())
        .map(broker -> installation.ports().kafka(broker))
        .filter(port -> !health.accepts("127.0.0.1", port))
        .boxed()
        .toList();
  }

  private static String join(List<Integer> ports) {
    return ports.stream().map(String::valueOf).collect(Collectors.joining(" and "));
  }

  /** The newest decided state of each group, as far as it can be read. */
  public Map<Integer, GroupTopology> topology() throws TimeoutException {
    return ofThisCluster(log.groupStates(LOG).lastReadable());
  }

  private <T> Map<Integer, T> ofThisCluster(Map<String, T> byKey) {
    Map<Integer, T> groups = new HashMap<>();
    spec.groups()
        .forEach(group -> {
          T value = byKey.get(spec.cluster() + "/" + group.group());
          if (value != null) {
            groups.put(group.group(), value);
          }
        });
    return groups;
  }

  private Part haproxy(List<Program> programs, String[] engine) {
    try (var session = Sql.connect(installation, installation.ports().write())) {
      engine[0] = Sql.text(session, "SELECT citus_version()");
      return new Part(word(programs, "haproxy"), true, "");
    } catch (SQLException e) {
      return new Part(
          word(programs, "haproxy"),
          false,
          "a query through the write port failed: " + oneLine(e.getMessage()));
    }
  }

  private List<ServiceStatus> services(List<Program> programs) {
    return installation.services().parallelStream()
        .map(process -> {
          Health.Answer answer = health.ready(installation.ports().http(process));
          return new ServiceStatus(
              process.programName(),
              word(programs, process.programName()),
              answer.ready(),
              answer.detail());
        })
        .toList();
  }

  /** What the provisioner says of each member; nothing if it does not answer. */
  private Map<String, Kept> kept() {
    Map<String, Kept> kept = new HashMap<>();
    health
        .json(installation.ports().http(Service.PROVISIONER), "/cluster")
        .path("members")
        .forEach(member ->
            kept.put(
                member.path("member").asText(),
                new Kept(member.path("state").asText(), member.path("diskFull").asBoolean())));
    return kept;
  }

  private static String word(List<Program> programs, String name) {
    return programs.stream()
        .filter(p -> p.name().equals(name))
        .map(Program::state)
        .findFirst()
        .orElse("STOPPED");
  }

  private static String oneLine(String text) {
    return text == null ? "" : text.lines().findFirst().orElse("");
  }
}
