package io.shardguard.cli.view;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.shardguard.events.GroupTopology.Barred;
import io.shardguard.events.GroupTopology.Loss;
import io.shardguard.events.GroupTopology.Paused;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * All that is known of a cluster at one moment.
 *
 * @param engine what the cluster runs, in its own words; null if nobody answered
 * @param haproxy whether a query through the write port is answered
 * @param groups in the order of their numbers
 * @param kafka whether Kafka takes connections
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ClusterStatus(
    String cluster,
    String engine,
    List<GroupStatus> groups,
    List<ServiceStatus> services,
    Part kafka,
    Part haproxy) {

  /** A part of the whole that is well or not. */
  public record Part(String process, boolean well, String detail) {}

  /**
   * A service.
   *
   * @param process supervisor's word
   * @param ready its own word on its readiness
   * @param detail what is not ready
   */
  public record ServiceStatus(String name, String process, boolean ready, String detail) {

    boolean well() {
      return ready && "RUNNING".equals(process);
    }
  }

  /**
   * A group.
   *
   * @param primary null if it has none
   * @param transition the open transition in words; null if there is none
   * @param refusal why a needed failover is not made, in words; null if none is needed
   * @param paused since when no automatic failovers are made, and who ordered it; null if they are
   * @param maintenance the members that an operator took into maintenance
   * @param attaching the standby that is becoming eligible; null if none
   * @param detaching the standby that is ceasing to be eligible; null if none
   * @param quorum the standbys of which a commit waits for any one
   * @param loss what the last forced failover may have lost; null if there was none
   * @param barred the old primary that the other members refuse; null if there is none
   * @param unreadable the newest record of the group in the log cannot be read, and why: all else
   *     here is older; null if it can
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record GroupStatus(
      int group,
      long epoch,
      String primary,
      String transition,
      String refusal,
      Paused paused,
      Collection<String> maintenance,
      String attaching,
      String detaching,
      Collection<String> quorum,
      Loss loss,
      Barred barred,
      String unreadable,
      List<MemberStatus> members) {

    /** It takes writes, and every standby could take over. */
    @JsonProperty
    public boolean whole() {
      return primary != null
          && transition == null
          && refusal == null
          && unreadable == null
          && members.stream().allMatch(m -> m.well() && (m.primary() || m.eligible()));
    }
  }

  /**
   * A member.
   *
   * @param dockerEngine where its container is; null if the declaration names no engines
   * @param role primary, standby, or rogue
   * @param state in a word or two, e.g. {@code streaming}
   * @param well the state is as it should be
   * @param timeline null if it is not known
   * @param lagBytes how much WAL the standby has not received yet; null if it is not known, or it
   *     is no standby
   * @param keeper what the provisioner does with it or waits for; null if it did not answer
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record MemberStatus(
      String member,
      String address,
      String dockerEngine,
      String role,
      String state,
      boolean well,
      Integer timeline,
      Long lagBytes,
      boolean eligible,
      boolean maintenance,
      String keeper) {

    boolean primary() {
      return "primary".equals(role);
    }
  }

  /** What is worth knowing, and not wrong: each in one sentence. */
  @JsonProperty
  public List<String> notes() {
    return groups.stream().flatMap(group -> GroupNotes.of(group).stream()).toList();
  }

  /** Everything is as it should be. */
  @JsonProperty
  public boolean whole() {
    return problems().isEmpty();
  }

  /** What is not as it should be, each in one sentence. */
  @JsonProperty
  public List<String> problems() {
    List<String> problems = new ArrayList<>();
    for (GroupStatus group : groups) {
      if (!group.whole()) {
        problems.add("group " + group.group() + ": " + reason(group));
      }
    }
    if (groups.isEmpty()) {
      problems.add("no group is known yet");
    }
    services.stream()
        .filter(service -> !service.well())
        .forEach(s ->
            problems.add(
                s.name()
                    + " is "
                    + (s.ready() ? "" : "not ready, ")
                    + "its process "
                    + s.process()
                    + ": "
                    + s.detail()));
    if (!kafka.well()) {
      problems.add("Kafka: " + kafka.detail());
    }
    if (!haproxy.well()) {
      problems.add("HAProxy: " + haproxy.detail());
    }
    return problems;
  }

  private static String reason(GroupStatus group) {
    if (group.unreadable() != null) {
      return "its newest state in the log cannot be read: " + group.unreadable();
    }
    if (group.transition() != null && group.refusal() != null) {
      return group.transition() + "; it waits: " + group.refusal();
    }
    if (group.transition() != null) {
      return group.transition();
    }
    if (group.refusal() != null) {
      return "no failover: " + group.refusal();
    }
    if (group.primary() == null) {
      return "no primary yet";
    }
    return group.members().stream()
        .filter(m -> !m.well() || !(m.primary() || m.eligible()))
        .map(m ->
            m.member()
                + " is "
                + m.state()
                + (m.primary() || m.eligible() ? "" : " and not eligible")
                + (m.keeper() == null ? "" : " (provisioner: " + m.keeper() + ")"))
        .reduce((a, b) -> a + ", " + b)
        .orElse("not whole");
  }
}
