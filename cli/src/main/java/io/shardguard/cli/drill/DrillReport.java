package io.shardguard.cli.drill;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What a drill found.
 *
 * @param drill its name
 * @param engine what the cluster ran, in its own words
 * @param group the group that was hit
 * @param member the one that was hit
 * @param fault what was done to it, in words
 * @param takeover the group was to get another primary; else it was to keep its own
 * @param newPrimary who took over; null if nobody did in time
 * @param injectedAt when the fault came; every {@code millis} below counts from then
 * @param completedMillis when the transition was completed; null if it was not in time
 * @param ddlMillis when a table could be distributed and dropped again; null if it could not in
 *     time
 * @param healedMillis when the group had all its standbys eligible again; null if it had not in
 *     time
 * @param outages by class of keys
 * @param errors how often each message came to the writers
 * @param events of the incident
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record DrillReport(
    String drill,
    String cluster,
    String engine,
    int group,
    String member,
    String fault,
    boolean takeover,
    String newPrimary,
    Instant injectedAt,
    Long completedMillis,
    Long ddlMillis,
    Long healedMillis,
    int writers,
    List<Outage> outages,
    Rows rows,
    Map<String, Integer> errors,
    List<Incident.Entry> events) {

  /**
   * How long a class of keys took no writes.
   *
   * @param keys which
   * @param acknowledged how many of their writes were acknowledged in the whole drill
   * @param outageMillis the longest time between two acknowledged writes from the fault on (or
   *     around it)
   * @param gapBeforeMillis the longest such time before the fault, for comparison
   * @param lastBeforeMillis the acknowledged write before the outage
   * @param firstAfterMillis the acknowledged write after it
   */
  public record Outage(
      String keys,
      long acknowledged,
      long outageMillis,
      long gapBeforeMillis,
      long lastBeforeMillis,
      long firstAfterMillis) {}

  /**
   * What became of the rows.
   *
   * @param lost acknowledged, and not there when read back
   * @param duplicated there more than once
   * @param unknown sent, but neither acknowledged nor surely refused
   * @param unknownPresent how many of these are there
   * @param lostIds the first hundred of the lost
   */
  public record Rows(
      int acknowledged,
      int lost,
      int duplicated,
      int unknown,
      int unknownPresent,
      List<Long> lostIds) {}

  /** Nothing was lost or written twice, DDL works, and the group is as it was. */
  @JsonProperty
  public boolean passed() {
    return rows.lost() == 0
        && rows.duplicated() == 0
        && takeover == (completedMillis != null)
        && ddlMillis != null
        && healedMillis != null;
  }
}
