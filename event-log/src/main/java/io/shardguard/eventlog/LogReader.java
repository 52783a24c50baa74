package io.shardguard.eventlog;

import io.shardguard.events.Envelope;
import io.shardguard.events.Event;
import io.shardguard.events.EventCodec;
import io.shardguard.events.EventCodec.UnreadableException;
import io.shardguard.events.GroupTopology;
import io.shardguard.events.Observation;
import io.shardguard.events.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Reads committed records from the beginning to the end, outside of any consumer group: for tools,
 * and for those who must know the newest state before they act.
 */
public final class LogReader {

  private final CommittedLog log;
  private final EventCodec codec = new EventCodec();

  /** A reader of the given broker's log; connects at each call. */
  public LogReader(String bootstrapServers) {
    this.log = new CommittedLog(bootstrapServers);
  }

  /**
   * The newest state of every group, by key (cluster/group), as of a moment within this call.
   *
   * @param deadline for the whole call
   * @throws TimeoutException if the end was not reached in time: what was read is then not the
   *     newest, and not returned
   * @throws IllegalStateException if the newest state of a group cannot be read
   */
  public Map<String, GroupTopology> topology(Duration deadline) throws TimeoutException {
    return groupStates(deadline).newest();
  }

  /**
   * The same as {@link #topology}, for those who are about to destroy something; see {@link
   * CommittedLog#readBehindOpenTransactions}.
   */
  public Map<String, GroupTopology> topologyBehindOpenTransactions(Duration deadline)
      throws TimeoutException {
    GroupStates.Collector states = new GroupStates.Collector();
    log.readBehindOpenTransactions(Topics.TOPOLOGY, deadline, states::take);
    return states.states().newest();
  }

  /**
   * What is known of every group, and of which of them that is not the newest.
   *
   * @throws TimeoutException if the end was not reached in time
   */
  public GroupStates groupStates(Duration deadline) throws TimeoutException {
    GroupStates.Collector states = new GroupStates.Collector();
    log.readToEnd(Topics.TOPOLOGY, null, deadline, states::take);
    return states.states();
  }

  /**
   * Every event so far, in the log's order for each cluster.
   *
   * @param sink gets each event with its place; unknown types and unreadable records are left out
   * @throws TimeoutException if the end was not reached in time
   */
  public void events(Duration deadline, Consumer<Envelope<Event>> sink) throws TimeoutException {
    log.readToEnd(Topics.EVENTS, null, deadline, row -> decode(row, sink));
  }

  /**
   * The newest observation of each observer of a cluster, by the observer's name.
   *
   * @param since older observations do not count: an observer that is gone says nothing
   * @throws TimeoutException if the end was not reached in time
   */
  public Map<String, Observation> observations(String cluster, Instant since, Duration deadline)
      throws TimeoutException {
    Map<String, Observation> newest = new LinkedHashMap<>();
    log.readToEnd(
        Topics.OBSERVATIONS,
        since,
        deadline,
        row -> {
          if (cluster.equals(row.key())) {
            try {
              Observation observation = codec.readObservation(row.value()).data();
              newest.merge(
                  observation.observer(), observation, (a, b) -> b.at().isBefore(a.at()) ? a : b);
            } catch (UnreadableException e) {
              leaveOut(row, e);
            }
          }
        });
    return newest;
  }

  /**
   * Follows the events that come from {@code from} on, until {@code stop} says so; asked about five
   * times a second.
   *
   * @throws org.apache.kafka.common.errors.TimeoutException if Kafka does not answer at the
   *     beginning; later it is waited for
   */
  public void follow(Instant from, BooleanSupplier stop, Consumer<Envelope<Event>> sink) {
    log.follow(Topics.EVENTS, from, () -> {}, stop, row -> decode(row, sink));
  }

  /**
   * Follows the events that are written from now on, until {@code stop} says so.
   *
   * @param begun runs once no event that is written later can be missed
   * @throws org.apache.kafka.common.errors.TimeoutException if Kafka does not answer at the
   *     beginning; later it is waited for
   */
  public void followFromNow(Runnable begun, BooleanSupplier stop, Consumer<Envelope<Event>> sink) {
    log.follow(Topics.EVENTS, null, begun, stop, row -> decode(row, sink));
  }

  private void decode(ConsumerRecord<String, byte[]> row, Consumer<Envelope<Event>> sink) {
    try {
      codec.readEvent(row.value()).ifPresent(sink);
    } catch (UnreadableException e) {
      leaveOut(row, e);
    }
  }

  private static void leaveOut(ConsumerRecord<?, ?> row, UnreadableException reason) {
    System.getLogger(LogReader.class.getName())
        .log(
            System.Logger.Level.WARNING,
            "{0} is left out: {1}",
            CommittedLog.where(row),
            reason.getMessage());
  }
}
