package io.shardguard.failover.replay;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.shardguard.events.GroupTopology;
import io.shardguard.events.Observation;
import java.util.List;

/**
 * What was known when a part of the log begins.
 *
 * @param groups each group's decided state
 * @param observations the newest one of each observer that a decision before had carried
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record LogStart(List<GroupTopology> groups, List<Observation> observations) {

  /** Where nothing was decided yet. */
  public static final LogStart NOTHING = new LogStart(List.of(), List.of());

  /** What is empty is left out of the JSON form. */
  public LogStart {
    groups = groups == null ? List.of() : List.copyOf(groups);
    observations = observations == null ? List.of() : List.copyOf(observations);
  }
}
