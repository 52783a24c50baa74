package io.shardguard.cli.order;

import io.shardguard.events.Command;
import io.shardguard.events.Envelope;
import io.shardguard.events.Envelope.Cause;
import io.shardguard.events.Event;
import io.shardguard.events.LoadBalancerEvent;
import io.shardguard.events.MonitorEvent;
import io.shardguard.events.OperatorEvent;
import io.shardguard.events.OperatorEvent.CommandRefused;
import io.shardguard.events.ProvisionerEvent;
import io.shardguard.events.ReplicationEvent;
import io.shardguard.events.ReplicationEvent.FailoverRefused;
import io.shardguard.events.TransitionEvent;
import io.shardguard.events.TransitionEvent.TransitionAbandoned;
import io.shardguard.events.TransitionEvent.TransitionCompleted;
import io.shardguard.events.TransitionEvent.TransitionStarted;
import io.shardguard.failover.explain.EventSentence;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds the answers to commands among the events: those that name a command as their cause, and
 * what becomes of a transition that one of them began.
 */
final class Answers {

  private final Map<Cause, Command> unanswered = new LinkedHashMap<>();
  private final Map<Integer, String> transitions = new LinkedHashMap<>();
  private boolean refused;

  /** A command that was sent, and its place in the log. */
  void await(Cause place, Command command) {
    unanswered.put(place, command);
  }

  /**
   * Takes the next event.
   *
   * @return what it says to whoever gave the commands; empty if it is about something else
   */
  Optional<String> take(Envelope<Event> envelope) {
    Optional<Cause> cause = envelope.causes().stream().filter(unanswered::containsKey).findFirst();
    boolean concerns =
        switch (envelope.data()) {
          case OperatorEvent e -> answer(cause, e);
          case TransitionEvent e -> goOn(cause, e);
          case FailoverRefused e -> end(e);
          case ReplicationEvent e -> false;
          case MonitorEvent e -> false;
          case ProvisionerEvent e -> false;
          case LoadBalancerEvent e -> false;
        };
    return concerns ? Optional.of(sentence(envelope.data())) : Optional.empty();
  }

  /** Every command was answered, and every transition that one of them began has ended. */
  boolean complete() {
    return unanswered.isEmpty() && transitions.isEmpty();
  }

  /** Something was refused, or did not come to its end. */
  boolean refused() {
    return refused;
  }

  /** The commands that nobody answered yet. */
  Collection<Command> unanswered() {
    return List.copyOf(unanswered.values());
  }

  /** The groups with a transition that was begun and has not ended yet. */
  List<Integer> underWay() {
    return new ArrayList<>(transitions.keySet());
  }

  private boolean answer(Optional<Cause> cause, OperatorEvent event) {
    if (cause.isPresent()) {
      unanswered.remove(cause.get());
      refused |= event instanceof CommandRefused;
    }
    return cause.isPresent();
  }

  private boolean goOn(Optional<Cause> cause, TransitionEvent event) {
    boolean ours = transitions.containsValue(event.transition());
    if (cause.isPresent() && event instanceof TransitionStarted started) {
      unanswered.remove(cause.get());
      transitions.put(started.group(), started.transition());
    } else if (ours && event instanceof TransitionCompleted) {
      transitions.values().remove(event.transition());
    } else if (ours && event instanceof TransitionAbandoned) {
      transitions.values().remove(event.transition());
      refused = true;
    }
    return ours || cause.isPresent();
  }

  /** A transition that was begun and then refused waits for somebody to come back. */
  private boolean end(FailoverRefused event) {
    boolean ours = transitions.remove(event.group()) != null;
    refused |= ours;
    return ours;
  }

  private static String sentence(Event event) {
    String sentence = EventSentence.of(event);
    return event.aboutGroup().isPresent()
        ? "group " + event.aboutGroup().getAsInt() + ": " + sentence
        : sentence;
  }
}
