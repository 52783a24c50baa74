package io.shardguard.events;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;

/**
 * A CloudEvent (specification 1.0, structured JSON form) around one record.
 *
 * @param id unique for ever
 * @param source who wrote it, e.g. {@code failover-coordinator}
 * @param type the record's wire name
 * @param time when it happened, by its writer's clock
 * @param cluster the cluster's name: the partition key
 * @param subject cluster, or cluster/group
 * @param causes the inputs that had been read for a decision; empty where nothing was decided
 * @param data the record
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Envelope<T>(
    String id,
    String source,
    String type,
    Instant time,
    String cluster,
    String subject,
    List<Cause> causes,
    T data) {

  /** A record that was read for a decision. */
  public record Cause(String topic, int partition, long offset) {}
}
