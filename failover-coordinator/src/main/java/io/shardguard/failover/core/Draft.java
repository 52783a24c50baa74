package io.shardguard.failover.core;

import io.shardguard.events.Event;
import io.shardguard.events.GroupTopology;
import io.shardguard.events.Observation.MemberView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A decision in the making: every event that is emitted changes the state that the next rule sees.
 */
final class Draft {

  private final Policy policy;
  private final Instant now;
  private final List<Event> events = new ArrayList<>();
  private final Set<Action> actions = new LinkedHashSet<>();
  private ClusterState state;

  Draft(Policy policy, ClusterState state, Instant now) {
    this.policy = policy;
    this.state = state;
    this.now = now;
  }

  Policy policy() {
    return policy;
  }

  Instant now() {
    return now;
  }

  ClusterState state() {
    return state;
  }

  GroupTopology group(int id) {
    return state.groups().get(id);
  }

  Optional<MemberView> view(String member) {
    return state.view(member);
  }

  /** Takes in what others said: it is in the log already. */
  void learn(ClusterState changed) {
    state = changed;
  }

  /** Adds a fact to the decision. */
  void emit(Event event) {
    events.add(event);
    state = Evolution.evolve(state, event, now);
  }

  /** Asks for work; asking twice is asking once. */
  void ask(Action action) {
    actions.add(action);
  }

  /** Takes back what was asked for. */
  void withdraw(Action action) {
    actions.remove(action);
  }

  Decision done() {
    return new Decision(state, List.copyOf(events), List.copyOf(actions));
  }
}
