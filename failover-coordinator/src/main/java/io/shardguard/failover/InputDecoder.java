package io.shardguard.failover;

import io.shardguard.events.Command;
import io.shardguard.events.Envelope;
import io.shardguard.events.Event;
import io.shardguard.events.EventCodec;
import io.shardguard.events.EventCodec.UnreadableException;
import io.shardguard.events.MonitorEvent;
import io.shardguard.events.Observation;
import io.shardguard.events.Topics;
import io.shardguard.failover.core.Input;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** What the records of the log are to the core. Needs nothing of the service. */
public final class InputDecoder {

  /** The topics whose records are decided on. */
  public static final List<String> TOPICS =
      List.of(Topics.OBSERVATIONS, Topics.EVENTS, Topics.COMMANDS);

  private final EventCodec codec = new EventCodec();
  private final Duration staleAfter;

  /**
   * @param staleAfter older verdicts and observations tell nothing of the present
   */
  public InputDecoder(Duration staleAfter) {
    this.staleAfter = staleAfter;
  }

  /**
   * A record as an input.
   *
   * @param input empty if nothing is decided on it
   * @param unknown its type is none that this version knows
   */
  public record Decoded(Optional<Input> input, boolean unknown) {}

  /** The record can be read, but no decision may rest on it. */
  public static final class UndecidableException extends Exception {
    private static final long serialVersionUID = 1L;

    UndecidableException(String message) {
      super(message);
    }
  }

  /**
   * Reads a record of one of {@link #TOPICS}.
   *
   * @throws UnreadableException if it is none of the contract
   * @throws UndecidableException if it is of the future: taken for the newest, such an observation
   *     would make all others too old to count, for as long as it takes until its moment comes
   */
  public Decoded decode(ConsumerRecord<String, byte[]> row, Instant now)
      throws UnreadableException, UndecidableException {
    if (row.topic().equals(Topics.OBSERVATIONS)) {
      Observation observation = codec.readObservation(row.value()).data();
      if (observation.at().minus(staleAfter).isAfter(now)) {
        throw new UndecidableException("it was made in the future: " + observation.at());
      }
      return new Decoded(Optional.of(new Input.Observed(observation)), false);
    }
    if (row.topic().equals(Topics.COMMANDS)) {
      Envelope<Command> command = codec.readCommand(row.value());
      boolean late = isOld(Instant.ofEpochMilli(row.timestamp()), now);
      return new Decoded(
          Optional.of(new Input.Ordered(command.data(), command.source(), late)), false);
    }
    Optional<Envelope<Event>> event = codec.readEvent(row.value());
    return new Decoded(
        event
            .filter(e -> !e.source().equals(ClusterOwner.SOURCE))
            .map(e -> new Input.Happened(e.data())),
        event.isEmpty());
  }

  /**
   * What an observer saw before a long absence of whoever decides says nothing of the present;
   * facts are kept.
   */
  public boolean isStale(Input input, Instant at, Instant now) {
    boolean sight =
        input instanceof Input.Observed
            || (input instanceof Input.Happened happened
                && happened.event() instanceof MonitorEvent);
    return sight && isOld(at, now);
  }

  private boolean isOld(Instant at, Instant now) {
    return at.plus(staleAfter).isBefore(now);
  }
}
