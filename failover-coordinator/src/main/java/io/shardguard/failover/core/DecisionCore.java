package io.shardguard.failover.core;

import io.shardguard.events.Event;
import io.shardguard.events.GroupTopology;
import io.shardguard.events.ProvisionerEvent.MemberExited;
import io.shardguard.events.ProvisionerEvent.MemberFenced;
import io.shardguard.events.ReplicationEvent.SynchronousArmed;
import io.shardguard.failover.core.Action.ArmSynchronous;
import io.shardguard.failover.core.Input.Done;
import io.shardguard.failover.core.Input.Happened;
import io.shardguard.failover.core.Input.Observed;
import io.shardguard.failover.core.Input.Ordered;
import java.time.Instant;
import java.util.List;

/**
 * What is done when something is seen.
 *
 * <p>Every call looks at every group again. An observation comes once a second, so what could not
 * be done now, or was asked for and got lost, is asked for again: actions are idempotent, and the
 * shell drops one that is under way.
 */
public final class DecisionCore {

  private final Policy policy;

  /** A core that decides by these bounds. */
  public DecisionCore(Policy policy) {
    this.policy = policy;
  }

  /**
   * Decides.
   *
   * @param now when the input came; never read from a clock here, so that a recorded incident
   *     decides the same again
   */
  public Decision decide(ClusterState state, Input input, Instant now) {
    Draft draft = new Draft(policy, state, now);
    take(draft, input);
    for (int group : List.copyOf(state.groups().keySet())) {
      settle(draft, group);
    }
    if (input instanceof Observed) {
      QuietSettlingRules.apply(draft);
    }
    if (input instanceof Done done) {
      // What ended just now, well or not, is not asked for again before somebody looked: no hot
      // loop.
      draft.withdraw(done.action());
    }
    return draft.done();
  }

  private static void take(Draft draft, Input input) {
    switch (input) {
      case Happened(MemberFenced fenced) -> TransitionRules.ended(draft, fenced);
      case Happened(MemberExited exited) -> TransitionRules.ended(draft, exited);
      case Happened(var event) -> draft.learn(Evolution.evolve(draft.state(), event, draft.now()));
      case Ordered ordered -> CommandRules.apply(draft, ordered);
      case Done(var action, var event) ->
          event.filter(e -> !provesNothing(draft, action, e)).ifPresent(draft::emit);
      case Observed(var observation) -> draft.learn(Evolution.evolve(draft.state(), observation));
    }
  }

  /**
   * The primary was armed, but was asked for something else meanwhile, and may be about to do that:
   * to wait for nobody, say, as a standby went and came back during a long CHECKPOINT.
   */
  private static boolean provesNothing(Draft draft, Action action, Event event) {
    return event instanceof SynchronousArmed
        && action instanceof ArmSynchronous arm
        && arm.change() != draft.state().change(arm.group());
  }

  /** Applies the rules to one group until they have nothing more to say. */
  private static void settle(Draft draft, int id) {
    GroupTopology before;
    do {
      before = draft.group(id);
      BarringRules.apply(draft, before);
      GroupTopology group = draft.group(id);
      if (group.transition() == null) {
        SteadyRules.apply(draft, group);
      } else {
        TransitionRules.apply(draft, group, group.transition());
      }
    } while (!before.equals(draft.group(id)));
  }
}
