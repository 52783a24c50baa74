package io.shardguard.failover.replay;

import io.shardguard.events.Basis;
import io.shardguard.events.Command;
import io.shardguard.events.Envelope;
import io.shardguard.events.Envelope.Cause;
import io.shardguard.events.Event;
import io.shardguard.events.Observation;
import io.shardguard.failover.core.Input;
import java.time.Instant;
import java.util.Optional;

/** A record of the log that can be read. */
public sealed interface LogEntry {

  /** Where it stands in the log. */
  Cause place();

  /** The record's own time: when the broker's clients say that it was written. */
  Instant at();

  /**
   * An event.
   *
   * @param basis what the decision rested on that begins with it; empty if none does, or its
   *     version did not say
   */
  record OfEvent(Cause place, Instant at, Envelope<Event> envelope, Optional<Basis> basis)
      implements LogEntry {

    /** The event is part of a decision. */
    public boolean decided() {
      return envelope.source().equals(SOURCE);
    }
  }

  /** An observation. */
  record OfObservation(Cause place, Instant at, Observation observation) implements LogEntry {}

  /** A command. */
  record OfCommand(Cause place, Instant at, Envelope<Command> envelope) implements LogEntry {}

  /** Part of a decision that this version does not know, or cannot read. */
  record Unknown(Cause place, Instant at, String why) implements LogEntry {}

  /** The source of all decisions. */
  String SOURCE = "failover-coordinator";

  /** What a decision is asked about when it is asked about this record; empty if never. */
  default Optional<Input> input() {
    return switch (this) {
      case OfEvent e ->
          e.decided() ? Optional.empty() : Optional.of(new Input.Happened(e.envelope().data()));
      case OfObservation o -> Optional.of(new Input.Observed(o.observation()));
      case OfCommand c ->
          Optional.of(new Input.Ordered(c.envelope().data(), c.envelope().source(), false));
      case Unknown u -> Optional.empty();
    };
  }
}
