package io.shardguard.failover;

import io.shardguard.events.Basis;
import io.shardguard.events.Envelope;
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
import io.shardguard.failover.replay.BasisWriter;
import io.shardguard.failpoints.Failpoints;
import io.shardguard.postgres.PgSession;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
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
  private final BasisWriter basis;
  private final DecisionTransaction transaction;
  private final Lanes lanes;
  private final FailoverConfig config;
  private final Failpoints failpoints;
  private final DecisionCore core;
  private final Consumer<Input.Done> outcomes;
  private final Set<Action> underWay = new HashSet<>();
  private final List<ProducerRecord<String, byte[]>> records = new ArrayList<>();
  private final List<Event> decided = new ArrayList<>();
  private final Set<Action> asked = new LinkedHashSet<>();
  private final List<Cause> read = new ArrayList<>();
  private final long firstSessionsUntil;
  private ClusterState committed;
  private ClusterState state;

  /**
   * @param state the cluster as the topology topic has it
   * @param basis of this owner alone
   * @param outcomes takes what came of actions, on any thread; to be handed back to {@link #take}
   */
  ClusterOwner(
      DecisionCore core,
      ClusterState state,
      BasisWriter basis,
      DecisionTransaction transaction,
      Lanes lanes,
      FailoverConfig config,
      Failpoints failpoints,
      Consumer<Input.Done> outcomes) {
    this.basis = basis;
    this.failpoints = failpoints;
    this.state = state;
    this.committed = state;
    this.transaction = transaction;
    this.lanes = lanes;
    this.config = config;
    this.core = core;
    this.outcomes = outcomes;
    this.firstSessionsUntil = System.nanoTime() + config.failover().connectWithin().toNanos();
  }

  ClusterState state() {
    return state;
  }

  /**
   * Work that the core asked for, with the session that was open before the intent was committed.
   */
  private record Prepared(Action action, Lane lane, Optional<PgSession> session) {}

  /**
   * Decides upon one input. What was decided is neither durable nor done before {@link #commit}.
   *
   * @param cause the input's place in the log; empty for an action's outcome
   */
  void take(Input input, Instant at, Optional<Cause> cause) {
    if (input instanceof Input.Done done) {
      underWay.remove(done.action());
    }
    Decision decision = core.decide(state, input, at);
    record(input, decision, at, cause);
    cause.ifPresent(basis::taken);
    state = decision.state();
    decided.addAll(decision.events());
    decision.events().forEach(event -> LOG.infof("cluster=%s %s", state.cluster(), event));
    decision.actions().stream().filter(action -> !underWay.contains(action)).forEach(asked::add);
    cause.ifPresent(read::add);
  }

  /**
   * Commits what was decided since the last call, in one transaction, then has it carried out. What
   * was decided while the transaction before was under way shares one: under load that is the
   * difference between keeping up and falling behind.
   *
   * <p>Nothing is done if the transaction fails, and this object is of no use any more; the
   * exception says whether somebody else owns the cluster now.
   */
  void commit() {
    List<Prepared> prepared = asked.stream().flatMap(this::prepare).toList();
    state.groups().values().stream()
        .filter(group -> !group.equals(committed.groups().get(group.group())))
        .forEach(group ->
            records.add(new ProducerRecord<>(Topics.TOPOLOGY, group.key(), codec.write(group))));
    if (!records.isEmpty() || !prepared.isEmpty()) {
      transaction.commit(records, read);
    }
    decided.forEach(event -> failpoints.pass("committed." + name(event)));
    committed = state;
    records.clear();
    decided.clear();
    asked.clear();
    read.clear();
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

  private Stream<Prepared> prepare(Action action) {
    return lanes.of(action, groupOf(state, action)).stream()
        .map(lane -> {
          lane.keepOpen();
          awaitFirstSession(lane);
          return new Prepared(action, lane, lane.session());
        });
  }

  /**
   * What is asked for at a take-over would fail without a session, and be asked for again a second
   * later. So it waits, but no longer after the take-over than a session may take to open: a member
   * that hangs holds nothing up for long, one that refuses or is not acted on not at all.
   */
  private void awaitFirstSession(Lane lane) {
    try {
      if (!lane.awaitFirstTry(firstSessionsUntil)) {
        LOG.debugf("member=%s the first session takes its time", lane.address().name());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
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

  /** The first event carries what the decision rested on. */
  private void record(Input input, Decision decision, Instant at, Optional<Cause> cause) {
    Optional<Basis> carried =
        decision.events().isEmpty()
            ? Optional.empty()
            : Optional.of(basis.of(state, input, decision));
    for (Event event : decision.events()) {
      Envelope<Event> envelope =
          EventCodec.envelope(
              UUID.randomUUID().toString(),
              SOURCE,
              at,
              state.cluster(),
              cause.stream().toList(),
              event);
      byte[] value =
          carried
              .filter(b -> event == decision.events().get(0))
              .map(b -> codec.write(envelope, b))
              .orElseGet(() -> codec.write(envelope));
      records.add(new ProducerRecord<>(Topics.EVENTS, state.cluster(), value));
    }
  }

  /** The wire name without what all of them have: {@code standby-sealed}. */
  private static String name(Event event) {
    return EventCodec.wireName(event)
        .replaceFirst("io\\.shardguard\\.", "")
        .replaceFirst("\\.v\\d+$", "");
  }

  private void carryOut(Prepared work) {
    underWay.add(work.action());
    work.lane()
        .run(() -> {
          try {
            Optional<Event> outcome = outcome(work);
            failpoints.pass("done." + work.action().step());
            outcomes.accept(new Input.Done(work.action(), outcome));
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
