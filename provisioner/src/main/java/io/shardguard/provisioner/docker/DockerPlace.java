package io.shardguard.provisioner.docker;

import io.shardguard.clusterspec.MemberLimits;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * Where an installation's members live.
 *
 * @param cluster the cluster's name
 * @param prefix the names of all containers and volumes begin with it
 * @param network the engine's network that members are connected to, each with its own address
 * @param image what members run
 * @param postgresBin the directory of PostgreSQL's programs in it
 * @param members the directory that members' volumes are mounted in
 */
public record DockerPlace(
    String cluster,
    String prefix,
    String network,
    String image,
    Path postgresBin,
    Path members,
    MemberLimits limits) {

  static final String LABEL_PREFIX = "io.shardguard.prefix";
  static final String LABEL_CLUSTER = "io.shardguard.cluster";
  static final String LABEL_MEMBER = "io.shardguard.member";
  static final String LABEL_GROUP = "io.shardguard.group";

  /**
   * What a container is for: {@code member}, {@code work} beside one, {@code disk}, or {@code look}
   * at the image.
   */
  static final String LABEL_ROLE = "io.shardguard.role";

  /** The form in which the container was made; one of another form is made anew. */
  static final String LABEL_FORM = "io.shardguard.form";

  /** The name of a member's container, and of its volume. */
  String name(String member) {
    return prefix + "-" + member;
  }

  /** Where a member's volume is mounted. */
  Path home(String member) {
    return members.resolve(member);
  }

  /** The labels of the installation's containers that are for this. */
  Map<String, String> labels(String role) {
    Map<String, String> labels = new TreeMap<>(labels());
    labels.put(LABEL_ROLE, role);
    return labels;
  }

  /** The labels of all that belongs to the installation. */
  Map<String, String> labels() {
    return Map.of(LABEL_PREFIX, prefix, LABEL_CLUSTER, cluster);
  }
}
