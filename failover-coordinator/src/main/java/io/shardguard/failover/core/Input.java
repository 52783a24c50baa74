package io.shardguard.failover.core;

import io.shardguard.events.Command;
import io.shardguard.events.Event;
import io.shardguard.events.Observation;
import java.util.Optional;

/** What a decision is asked about. */
public sealed interface Input {

  /** Somebody else's event, read from the log. */
  record Happened(Event event) implements Input {}

  /**
   * An action of ours ended.
   *
   * @param event what came of it: it becomes part of the decision, and so of the log; empty if
   *     there is nothing to say
   */
  record Done(Action action, Optional<Event> event) implements Input {}

  /**
   * An operator asks for something.
   *
   * @param by who, for the log
   * @param late it was given so long ago that whoever gave it waits no more
   */
  record Ordered(Command command, String by, boolean late) implements Input {}

  /** An observer's view of the whole cluster. */
  record Observed(Observation observation) implements Input {}
}
