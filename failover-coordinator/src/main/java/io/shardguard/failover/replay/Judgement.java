package io.shardguard.failover.replay;

import io.shardguard.events.Basis.Asked;
import io.shardguard.events.Envelope.Cause;
import io.shardguard.events.Event;
import java.time.Instant;
import java.util.List;

/**
 * A recorded decision beside the present one.
 *
 * @param place of the decision's first event; of the input, where nothing was decided
 * @param at when it was decided
 * @param input what it was asked about, for people
 * @param why it could not be decided again; empty otherwise
 * @param repeated how many more inputs came to the same before the record goes on; more than 0 only
 *     where nothing was decided
 */
public record Judgement(
    Cause place,
    Instant at,
    Outcome outcome,
    String input,
    Side recorded,
    Side present,
    String why,
    int repeated) {

  /** What came of deciding again. */
  public enum Outcome {
    /** The same events, and the same work asked for. */
    SAME,
    /** Something else is decided now. */
    DIFFERENT,
    /** Nothing was decided then; something is now. */
    ADDED,
    /** It cannot be decided again: something is missing. */
    UNDECIDABLE
  }

  /** What is decided: the events, and the work asked for. */
  public record Side(List<Event> events, List<Asked> asked) {

    static final Side NOTHING = new Side(List.of(), List.of());
  }

  Judgement oftener() {
    return new Judgement(place, at, outcome, input, recorded, present, why, repeated + 1);
  }
}
