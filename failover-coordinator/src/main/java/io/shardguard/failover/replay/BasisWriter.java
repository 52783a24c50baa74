package io.shardguard.failover.replay;

import io.shardguard.events.Basis;
import io.shardguard.events.Basis.Asked;
import io.shardguard.events.Basis.InputKind;
import io.shardguard.events.Envelope.Cause;
import io.shardguard.events.Observation;
import io.shardguard.failover.core.Action;
import io.shardguard.failover.core.Action.RecoverTwoPhase;
import io.shardguard.failover.core.Action.UpdateMetadata;
import io.shardguard.failover.core.ClusterState;
import io.shardguard.failover.core.Decision;
import io.shardguard.failover.core.Input;
import io.shardguard.failover.core.Input.Done;
import io.shardguard.failover.core.Input.Happened;
import io.shardguard.failover.core.Input.Observed;
import io.shardguard.failover.core.Input.Ordered;
import io.shardguard.failover.core.Policy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Says what the decisions of one owner rested on, one after the other: an observation that was
 * carried once is not carried again. Not thread-safe.
 */
public final class BasisWriter {

  /**
   * In views of members and of standbys in them, of some 400 bytes each: Kafka takes a megabyte,
   * and no decision may fail for what it rests on.
   */
  static final int CARRIED_AT_MOST = 1000;

  private final String owner;
  private final SortedMap<String, String> policy;
  private final Map<String, Observation> carried = new HashMap<>();
  private final SortedMap<String, Cause> read = new TreeMap<>();

  /**
   * @param owner unlike that of every other owner of the cluster, before or after
   */
  public BasisWriter(String owner, Policy policy) {
    this.owner = owner;
    this.policy = PolicySettings.of(policy);
  }

  /** An input was taken in, whatever came of it. */
  public void taken(Cause cause) {
    read.put(cause.topic(), cause);
  }

  /**
   * The basis of a decision that holds events. What it carries counts as carried from now on: it
   * must be made durable, or this object be forgotten.
   *
   * @param before the state that was decided on
   */
  public Basis of(ClusterState before, Input input, Decision decision) {
    Map<String, Observation> known = new TreeMap<>(before.seen());
    if (input instanceof Observed(var observation)) {
      known.put(observation.observer(), observation);
    }
    SortedMap<String, Instant> seen = new TreeMap<>();
    List<Observation> fresh = new ArrayList<>();
    int room = CARRIED_AT_MOST;
    for (Observation observation : known.values()) {
      seen.put(observation.observer(), observation.at());
      boolean carriedBefore = observation.equals(carried.get(observation.observer()));
      if (!carriedBefore && size(observation) <= room) {
        carried.put(observation.observer(), observation);
        fresh.add(observation);
        room -= size(observation);
      }
    }
    return new Basis(
        owner,
        form(input),
        List.copyOf(read.values()),
        seen,
        fresh,
        before.rogues(),
        policy,
        asked(decision.actions()));
  }

  private static int size(Observation observation) {
    return observation.members().stream()
        .mapToInt(view -> 1 + (view.status() == null ? 0 : view.status().downstreams().size()))
        .sum();
  }

  /**
   * What is asked for on behalf of what was decided: in quiet times primaries are told of each
   * other and two-phase commits settled once a minute, whatever else happens.
   */
  static List<Asked> asked(List<Action> actions) {
    return actions.stream()
        .filter(action -> !(action instanceof RecoverTwoPhase a && a.transition() == null))
        .filter(action -> !(action instanceof UpdateMetadata a && a.transition() == null))
        .map(ActionForm::of)
        .toList();
  }

  private static Basis.Input form(Input input) {
    return switch (input) {
      case Happened happened ->
          new Basis.Input(InputKind.EVENT, null, null, null, null, null, null);
      case Observed(var observation) ->
          new Basis.Input(
              InputKind.OBSERVATION, observation.observer(), null, null, null, null, null);
      case Ordered(var command, var by, var late) ->
          new Basis.Input(InputKind.COMMAND, null, command, by, late, null, null);
      case Done(var action, var event) ->
          new Basis.Input(
              InputKind.OUTCOME, null, null, null, null, ActionForm.of(action), event.isPresent());
    };
  }
}
