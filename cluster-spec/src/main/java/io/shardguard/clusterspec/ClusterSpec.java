package io.shardguard.clusterspec;

import io.shardguard.events.MemberAddress;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The wanted cluster, as declared in cluster.yaml and checked.
 *
 * @param cluster the cluster's name
 * @param runtime what the members are; {@code local}: processes of this machine; {@code docker}:
 *     containers
 * @param groups in the order of their numbers, group 0 first
 * @param settings PostgreSQL parameters for every member, beside those that the control plane sets
 * @param limits what each member may use
 * @param engines the Docker engines that members are on; empty: that of this machine
 * @param network the Docker network that spans them; empty if the control plane makes one
 * @param placement the name of each member's engine, by the member's; empty without engines
 */
public record ClusterSpec(
    String cluster,
    String runtime,
    List<GroupSpec> groups,
    Map<String, String> settings,
    MemberLimits limits,
    List<EngineSpec> engines,
    Optional<String> network,
    Map<String, String> placement) {

  public ClusterSpec {
    groups = List.copyOf(groups);
    settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
    engines = List.copyOf(engines);
    placement = Map.copyOf(placement);
  }

  /** A cluster on one machine, whose members may use all that there is. */
  public ClusterSpec(
      String cluster, String runtime, List<GroupSpec> groups, Map<String, String> settings) {
    this(
        cluster,
        runtime,
        groups,
        settings,
        MemberLimits.NONE,
        List.of(),
        Optional.empty(),
        Map.of());
  }

  /** Every member of every group. */
  public Stream<MemberAddress> members() {
    return groups.stream().flatMap(group -> group.members().stream());
  }

  /** The group with this number, if it is declared. */
  public Optional<GroupSpec> group(int number) {
    return groups.stream().filter(group -> group.group() == number).findFirst();
  }

  /** The group of the named member, if it is declared. */
  public Optional<GroupSpec> groupOf(String member) {
    return groups.stream()
        .filter(group -> group.members().stream().anyMatch(m -> m.name().equals(member)))
        .findFirst();
  }

  /** The engine that the named member is on; empty without engines. */
  public Optional<EngineSpec> engineOf(String member) {
    return engines.stream()
        .filter(engine -> engine.name().equals(placement.get(member)))
        .findFirst();
  }

  /**
   * The cluster.yaml that a new installation starts with: a coordinator group and three worker
   * groups of two.
   */
  public static String defaultYaml() {
    return resource("cluster.yaml");
  }

  static String resource(String name) {
    try (InputStream in = ClusterSpec.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("the resource " + name + " cannot be read", e);
    }
  }
}
