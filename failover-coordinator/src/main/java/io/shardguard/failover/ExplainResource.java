package io.shardguard.failover;

import io.shardguard.failover.explain.Explain;
import io.shardguard.failover.explain.Explanation;
import io.shardguard.failover.replay.RecordedLog;
import jakarta.inject.Inject;
import jakarta.ws.rs.BadRequestException;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;

/**
 * The recorded log of a cluster in plain words, whichever instance decides for it: read from Kafka
 * at each call.
 */
@Path("/clusters/{cluster}/explain")
public class ExplainResource {

  /** Observers speak once a second. */
  private static final Duration SEEN_BEFORE = Duration.ofSeconds(15);

  @Inject KafkaClients kafka;

  /**
   * Without a group or a transition: all groups.
   *
   * @param at a time in ISO 8601; null: now
   * @throws TimeoutException if Kafka does not answer in time
   */
  @GET
  public List<Explanation> explain(
      @PathParam("cluster") String cluster,
      @QueryParam("group") Integer group,
      @QueryParam("transition") String transition,
      @QueryParam("at") String at)
      throws TimeoutException {
    Instant moment = moment(at);
    KafkaLog kafkaLog = new KafkaLog(kafka.bootstrapServers(), cluster);
    Instant seenFrom = (moment == null ? Instant.now() : moment).minus(SEEN_BEFORE);
    RecordedLog log = kafkaLog.withObservations(seenFrom, moment);
    if (transition != null) {
      return List.of(found(Explain.transition(log, transition, moment), transition));
    }
    return group == null
        ? Explain.groups(log, moment)
        : List.of(found(Explain.group(log, group, moment), "group " + group));
  }

  private static Instant moment(String at) {
    try {
      return at == null ? null : Instant.parse(at);
    } catch (DateTimeParseException e) {
      throw new BadRequestException("at: '" + at + "' is no time like 2026-11-24T08:00:00Z", e);
    }
  }

  private static Explanation found(Optional<Explanation> explanation, String what) {
    return explanation.orElseThrow(() -> new NotFoundException("The log has no " + what + "."));
  }
}
