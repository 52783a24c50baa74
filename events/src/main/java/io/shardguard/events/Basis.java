package io.shardguard.events;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a decision rested on besides the events before it. The first event of each decision has it
 * in its envelope: so the events alone decide again when the observations are gone.
 *
 * @param owner the instance of failover-coordinator that decided, and which of its ownerships
 * @param input what the decision was asked about
 * @param read of each topic, the last record that had been taken in before the input; none of those
 *     that the owner had read nothing of
 * @param seen the observers whose observations were known, with the times of these; the input's
 *     too, if it is one
 * @param observations those of {@code seen} that no decision of this owner carried before; as many
 *     as Kafka surely takes
 * @param rogues the writable members that the provisioner had been told to end
 * @param policy the settings that were decided by: {@code standby-silent-after} is {@code PT3S}
 * @param asked the actions that the decision asks for, but for what is done once a minute in quiet
 *     times
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonIgnoreProperties(ignoreUnknown = true)
public record Basis(
    String owner,
    Input input,
    List<Envelope.Cause> read,
    SortedMap<String, Instant> seen,
    List<Observation> observations,
    Set<String> rogues,
    SortedMap<String, String> policy,
    List<Asked> asked) {

  /** What is empty is left out of the JSON form. */
  public Basis {
    read = read == null ? List.of() : List.copyOf(read);
    seen = seen == null ? new TreeMap<>() : new TreeMap<>(seen);
    observations = observations == null ? List.of() : List.copyOf(observations);
    rogues = rogues == null ? Set.of() : new TreeSet<>(rogues);
    policy = policy == null ? new TreeMap<>() : new TreeMap<>(policy);
    asked = asked == null ? List.of() : List.copyOf(asked);
  }

  /** What a decision is asked about. */
  public enum InputKind {
    /** An event of another service, the one that the envelope's cause names. */
    EVENT,
    /** The observation of {@code observer} in {@code seen}. */
    OBSERVATION,
    /** {@code command}, given by {@code by}. */
    COMMAND,
    /** {@code action} ended. */
    OUTCOME
  }

  /**
   * The input of a decision.
   *
   * @param observer who observed; null but for OBSERVATION
   * @param command what was asked for; null but for COMMAND
   * @param by who asked for it; null but for COMMAND
   * @param late it was given so long before that whoever gave it waited no more; null but for
   *     COMMAND
   * @param action what ended; null but for OUTCOME
   * @param said what came of it is the decision's first event; null but for OUTCOME
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Input(
      InputKind kind,
      String observer,
      @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type") Command command,
      String by,
      Boolean late,
      Asked action,
      Boolean said) {}

  /**
   * Work on a member.
   *
   * @param step its wire name, e.g. {@code seal}
   * @param transition the one that it belongs to; null if to none
   * @param standby who is attached or detached by it; null if nobody is
   * @param standbys whom the primary is made to wait for
   * @param primaries the groups' primaries that the member is told of
   * @param groups the groups whose metadata are looked for
   * @param old the old primary that the member is to refuse or admit; null if there is none
   */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Asked(
      String step,
      int group,
      String member,
      String transition,
      String standby,
      Set<String> standbys,
      SortedMap<Integer, MemberAddress> primaries,
      Set<Integer> groups,
      MemberAddress old) {

    /** What is empty is left out of the JSON form. */
    public Asked {
      standbys = standbys == null ? Set.of() : new TreeSet<>(standbys);
      primaries = primaries == null ? new TreeMap<>() : new TreeMap<>(primaries);
      groups = groups == null ? Set.of() : new TreeSet<>(groups);
    }
  }
}
