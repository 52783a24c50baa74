package io.shardguard.failover;

import io.shardguard.events.Envelope.Cause;
import io.shardguard.events.Event;
import io.shardguard.events.EventCodec;
import io.shardguard.events.GroupTopology;
import io.shardguard.events.Topics;
import io.shardguard.events.TransitionEvent.Outcome;
import io.shardguard.failover.core.Action;
import io.shardguard.failover.core.ClusterState;
import io.shardguard.failover.core.Decision;
import io.shardguard.failover.core.DecisionCore;
import io.shardguard.failover.core.Input;
import io.shardguard.postgres.PgSession;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jboss.logging.Logger;

/**
 * One cluster, for as long as this instance owns it: asks the core, makes the answer durable, then
 * has it carried out. Used by the decision loop's thread alone.
 */
final class ClusterOwner implements AutoCloseable {

  private static final Logger LOG = Logger.getLogger(ClusterOwner.class);
  static final String SOURCE = "failover-coordinator";

  private final EventCodec codec = new EventCodec();
  private final DecisionTransaction transaction;
  private final Lanes lanes;
  private final FailoverConfig config;
  private final Consumer<Input.Done> outcomes;
  private final Set<Action> underWay = new HashSet<>();
  private ClusterState state;

  /**
   * @param state the cluster as the topology topic has it
   * @param outcomes takes what came of actions, on any thread; to be handed back to {@link #handle}
   */
  ClusterOwner(
      ClusterState state,
      DecisionTransaction transaction,
      Lanes lanes,
      FailoverConfig config,
      Consumer<Input.Done> outcomes) {
    this.state = state;
    this.transaction = transaction;
    this.lanes = lanes;
    this.config = config;
    this.outcomes = outcomes;
  }

  ClusterState state() {
    return state;
  }

  /**
   * Work that the core asked for, with the session that was open before the intent was committed.
   */
  private record Prepared(Action action, Lane lane, Optional<PgSession> session) {}

  /**
   * Handles one input: decides, commits the decision with the input's offset in one transaction,
   * then acts. Nothing is done if the transaction fails; the exception says whether somebody else
   * owns the cluster now.
   *
   * @param cause the input's place in the log; empty for an action's outcome
   */
  void handle(Input input, Instant at, Optional<Cause> cause) {
    if (input instanceof Input.Done done) {
      underWay.remove(done.action());
    }
    Decision decision = DecisionCore.decide(state, input, at);
    List<GroupTopology> changed = changed(decision.state());
    List<Prepared> prepared = prepare(decision);
    if (decision.events().isEmpty() && prepared.isEmpty() && changed.isEmpty()) {
      state = decision.state();
      return;
    }
    commit(decision, changed, at, cause);
    state = decision.state();
    decision.events().forEach(event -> LOG.infof("cluster=%s %s", state.cluster(), event));
    prepared.forEach(this::carryOut);
  }

  /** Keeps the sessions open that decisions will need. */
  void keepSessionsOpen() {
    lanes.keepOpen(state.groups().values());
  }

  @Override
  public void close() {
    lanes.close();
  }

  private List<GroupTopology> changed(ClusterState next) {
    return next.groups().values().stream()
        .filter(group -> !group.equals(state.groups().get(group.group())))
        .toList();
  }

  private List<Prepared> prepare(Decision decision) {
    List<Prepared> prepared = new ArrayList<>();
    for (Action action : decision.actions()) {
      if (underWay.contains(action)) {
        continue;
      }
      GroupTopology group = groupOf(decision.state(), action);
      lanes
          .of(action, group)
          .ifPresent(lane -> {
            lane.keepOpen();
            prepared.add(new Prepared(action, lane, lane.session()));
          });
    }
    return prepared;
  }

  /**
   * The group of the member that is acted on; metadata is updated on members of other groups, too.
   */
  private static GroupTopology groupOf(ClusterState state, Action action) {
    return state.groups().values().stream()
        .filter(group -> group.member(action.member()).isPresent())
        .findFirst()
        .orElseThrow(
            () -> new IllegalStateException("an action on an undeclared member: " + action));
  }

  private void commit(
      Decision decision, List<GroupTopology> changed, Instant at, Optional<Cause> cause) {
    List<ProducerRecord<String, byte[]>> records = new ArrayList<>();
    List<Cause> causes = cause.stream().toList();
    for (Event event : decision.events()) {
      String id = UUID.randomUUID().toString();
      byte[] value =
          codec.write(EventCodec.envelope(id, SOURCE, at, state.cluster(), causes, event));
      records.add(new ProducerRecord<>(Topics.EVENTS, state.cluster(), value));
    }
    for (GroupTopology group : changed) {
      records.add(new ProducerRecord<>(Topics.TOPOLOGY, group.key(), codec.write(group)));
    }
    transaction.commit(records, cause);
  }

  private void carryOut(Prepared work) {
    underWay.add(work.action());
    work.lane()
        .run(() -> {
          try {
            outcomes.accept(new Input.Done(work.action(), outcome(work)));
          } catch (InterruptedException e) {
            // The cluster is not ours any more: whoever has it looks again.
            Thread.currentThread().interrupt();
          }
        });
  }

  private Optional<Event> outcome(Prepared work) throws InterruptedException {
    Optional<PgSession> session = work.session().filter(PgSession::isOpen);
    if (session.isEmpty()) {
      return Optional.of(
          Carrier.failed(work.action(), Outcome.FAILED, "no session to the member was open"));
    }
    return new Carrier(config.failover(), session.get()).carryOut(work.action());
  }
}
