package io.shardguard.events;

import java.util.List;

/** What the provisioner wants, did and saw. */
public sealed interface ProvisionerEvent extends Event {

  /**
   * The wanted cluster, as declared in cluster.yaml; written at each start of the provisioner.
   *
   * @param engine which implementation of the distribution functions the members run
   * @param engineVersion its version, for people
   */
  @WireName("io.shardguard.cluster-declared.v1")
  record ClusterDeclared(List<Group> groups, Engine engine, String engineVersion)
      implements ProvisionerEvent {}

  /** One declared group with its members, in the order of the declaration. */
  record Group(int group, List<MemberAddress> members) {}

  /** Which implementation of the distribution functions runs in the cluster. */
  enum Engine {
    CITUS,
    STAND_IN
  }

  /**
   * A member was made anew, with an empty database: the only member that may become its group's
   * first primary.
   *
   * @param systemIdentifier PostgreSQL's identifier of the lineage
   */
  @WireName("io.shardguard.member-created.v1")
  record MemberCreated(int group, String member, String systemIdentifier)
      implements ProvisionerEvent, GroupEvent {}

  /** A member's process was started, as a standby. */
  @WireName("io.shardguard.member-started.v1")
  record MemberStarted(int group, String member, long pid)
      implements ProvisionerEvent, GroupEvent {}

  /**
   * The runtime saw that a member's process is gone, and that none of its children are left:
   * nothing of it can act any more, and its next start is as a standby.
   *
   * @param reason what is known of the end, for people
   */
  @WireName("io.shardguard.member-exited.v1")
  record MemberExited(int group, String member, String reason)
      implements ProvisionerEvent, GroupEvent {}

  /**
   * The runtime made sure, on behalf of a transition (or of a rogue's discovery), that no process
   * of the member is left.
   *
   * @param transition the transition that asked for it
   * @param millis how long it took
   */
  @WireName("io.shardguard.member-fenced.v1")
  record MemberFenced(int group, String member, String transition, long millis)
      implements ProvisionerEvent, GroupEvent {}

  /** How a member comes to follow its primary. */
  enum RejoinMethod {
    FOLLOW,
    REWIND,
    BASE_BACKUP
  }

  /** A member is being brought to follow its group's primary. */
  @WireName("io.shardguard.rejoin-started.v1")
  record RejoinStarted(int group, String member, String primary, RejoinMethod method, String reason)
      implements ProvisionerEvent, GroupEvent {}

  /** The member streams from the primary. */
  @WireName("io.shardguard.member-rejoined.v1")
  record MemberRejoined(int group, String member, String primary, RejoinMethod method, long millis)
      implements ProvisionerEvent, GroupEvent {}

  /**
   * Bringing the member to follow its primary did not work; the next method, or the same again,
   * follows.
   */
  @WireName("io.shardguard.rejoin-failed.v1")
  record RejoinFailed(int group, String member, RejoinMethod method, String reason)
      implements ProvisionerEvent, GroupEvent {}

  /**
   * Every group has its database with its extensions, and every group is registered as a node: the
   * cluster can be used.
   *
   * @param millis since the provisioner's start
   */
  @WireName("io.shardguard.cluster-ready.v1")
  record ClusterReady(int groups, long millis) implements ProvisionerEvent {}
}
