package io.shardguard.simulator;

import static io.shardguard.simulator.Agenda.MILLI;
import static io.shardguard.simulator.Agenda.SECOND;

import io.shardguard.events.Event;
import io.shardguard.events.GroupTopology;
import io.shardguard.events.MemberAddress;
import io.shardguard.events.MonitorEvent;
import io.shardguard.events.Observation;
import io.shardguard.events.TransitionEvent;
import io.shardguard.failover.core.Action;
import io.shardguard.failover.core.Action.RelaxSynchronous;
import io.shardguard.failover.core.ClusterState;
import io.shardguard.failover.core.Decision;
import io.shardguard.failover.core.DecisionCore;
import io.shardguard.failover.core.Input;
import io.shardguard.simulator.Kafka.Outcome;
import io.shardguard.simulator.Kafka.Row;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * An instance of failover-coordinator: its loop, the owner of the cluster, and the lanes, around
 * the real core.
 */
final class Coordinator extends Actor implements Comparable<Coordinator> {

  static final String SERVICE = "failover-coordinator";

  private static final Duration STALE_AFTER = Duration.ofSeconds(10);
  private static final long TROUBLE = SECOND;

  private final String name;
  private final DecisionCore core;
  private Ownership own;
  private boolean takingOver;
  private int generations;

  Coordinator(World world, String name, DecisionCore core, long skew) {
    super(world, name, skew);
    this.name = name;
    this.core = core;
  }

  String name() {
    return name;
  }

  @Override
  public int compareTo(Coordinator other) {
    return name.compareTo(other.name);
  }

  void start() {
    begin();
    own = null;
    takingOver = false;
    heartbeat();
  }

  void kill() {
    if (own != null) {
      own.abandon();
      own = null;
    }
    end();
  }

  private void heartbeat() {
    world.kafka.heartbeat(this);
    in(SECOND, this::heartbeat);
  }

  /** What the consumer group says. */
  void assigned(boolean owns) {
    if (!owns && own != null) {
      letGo();
    } else if (owns && own == null && !takingOver) {
      takeOver();
    }
  }

  private void takeOver() {
    takingOver = true;
    world.kafka.takeOver(
        this,
        taken -> {
          takingOver = false;
          if (taken != null) {
            own = new Ownership(taken);
            own.pump();
          }
        });
  }

  private void letGo() {
    if (own != null) {
      own.close();
      own = null;
    }
  }

  /** There are records to read. */
  void poke() {
    Ownership owner = own;
    if (owner != null && !owner.poked) {
      owner.poked = true;
      in(
          world.chance.between(300, 3 * MILLI),
          () -> {
            owner.poked = false;
            owner.pump();
          });
    }
  }

  /** The cluster, for as long as this instance owns it. */
  private final class Ownership {

    private final int epoch;
    private final String generation = name + "-" + ++generations;
    private final Map<String, Lane> lanes = new LinkedHashMap<>();
    private final List<Input.Done> outcomes = new ArrayList<>();
    private final Set<Action> underWay = new HashSet<>();
    private final Set<Action> asked = new LinkedHashSet<>();
    private final List<Row> records = new ArrayList<>();
    private ClusterState state;
    private ClusterState committed;
    private int cursor;
    private boolean poked;
    private boolean committing;
    private boolean over;

    Ownership(Kafka.Taken taken) {
      epoch = taken.epoch();
      cursor = taken.cursor();
      state = ClusterState.of(World.CLUSTER, taken.groups());
      committed = state;
    }

    void close() {
      over = true;
      lanes.values().forEach(Lane::close);
    }

    /** The process ends: the sessions' sockets are closed by the system. */
    void abandon() {
      close();
    }

    void pump() {
      if (over || committing) {
        return;
      }
      List<Input.Done> came = List.copyOf(outcomes);
      outcomes.clear();
      came.forEach(done -> decide(done, clock()));
      List<Row> rows = List.copyOf(world.kafka.poll(Coordinator.this, cursor));
      rows.forEach(this::take);
      cursor += rows.size();
      if (records.isEmpty() && asked.isEmpty()) {
        if (!rows.isEmpty()) {
          poke();
        }
        return;
      }
      commit();
    }

    private void take(Row row) {
      Optional<Input> input = input(row);
      if (input.isEmpty()) {
        return;
      }
      boolean sight =
          input.get() instanceof Input.Observed
              || (input.get() instanceof Input.Happened happened
                  && happened.event() instanceof MonitorEvent);
      if (!sight || !isOld(row.at()) || world.conduct.lacks(Habit.OLD_SIGHTS_ARE_PASSED_OVER)) {
        decide(input.get(), row.at());
      }
      if (input.get() instanceof Input.Observed) {
        keepSessionsOpen();
      }
    }

    private Optional<Input> input(Row row) {
      return switch (row.value()) {
        case Observation observation -> Optional.of(new Input.Observed(observation));
        case Input.Ordered o ->
            Optional.of(new Input.Ordered(o.command(), o.by(), isOld(row.at())));
        case Event event when !row.source().equals(SERVICE) ->
            Optional.of(new Input.Happened(event));
        default -> Optional.empty();
      };
    }

    private boolean isOld(Instant at) {
      return at.plus(STALE_AFTER).isBefore(clock());
    }

    private void decide(Input input, Instant at) {
      if (input instanceof Input.Done done) {
        underWay.remove(done.action());
      }
      Decision decision = world.conduct.brain().decide(core, state, input, at);
      state = decision.state();
      decision.events().forEach(event -> records.add(new Row(SERVICE, at, event)));
      decision.actions().stream().filter(a -> !underWay.contains(a)).forEach(asked::add);
    }

    private record Prepared(Action action, Lane lane, Session session) {}

    private void commit() {
      List<Prepared> prepared = new ArrayList<>();
      for (Action action : asked) {
        Lane lane = lane(world.member(action.member()), action.lane());
        lane.keepOpen();
        prepared.add(new Prepared(action, lane, lane.session()));
      }
      asked.clear();
      for (GroupTopology group : state.groups().values()) {
        if (!group.equals(committed.groups().get(group.group()))) {
          records.add(new Row(SERVICE, clock(), group));
        }
      }
      if (world.conduct.lacks(Habit.INTENT_BEFORE_ACTION)) {
        prepared.stream().filter(p -> p.action instanceof RelaxSynchronous).forEach(this::carryOut);
        prepared.removeIf(p -> p.action instanceof RelaxSynchronous);
      }
      List<Row> written = List.copyOf(records);
      records.clear();
      ClusterState decided = state;
      committing = true;
      world.kafka.commit(
          Coordinator.this,
          epoch,
          written,
          cursor,
          outcome -> committed(outcome, decided, written, prepared));
    }

    private void committed(
        Outcome outcome, ClusterState decided, List<Row> written, List<Prepared> prepared) {
      committing = false;
      if (over) {
        return;
      }
      switch (outcome) {
        case COMMITTED -> {
          committed = decided;
          int life = life();
          world.committed(Coordinator.this, written);
          exec(
              life,
              () -> {
                prepared.forEach(this::carryOut);
                poke();
              });
        }
        case FENCED -> world.kill(Coordinator.this);
        case UNKNOWN -> {
          letGo();
          world.kafka.leave(Coordinator.this);
          in(TROUBLE, () -> {});
        }
      }
    }

    private void carryOut(Prepared work) {
      underWay.add(work.action);
      work.lane.run(done ->
          outcome(
              work,
              event -> {
                if (!over) {
                  outcomes.add(new Input.Done(work.action, event));
                  pump();
                }
                done.run();
              }));
    }

    private void outcome(Prepared work, java.util.function.Consumer<Optional<Event>> then) {
      Session session = work.session;
      if (world.conduct.lacks(Habit.SESSIONS_ARE_OLDER_THAN_INTENTS)
          && (session == null || !session.isOpen())) {
        Session.open(
            Coordinator.this,
            work.lane.member,
            new Session.Owner(SERVICE, generation, work.action.lane().name(), 1000),
            2 * SECOND,
            opened -> {
              if (opened.ok()) {
                Carrier.carryOut(Coordinator.this, (Session) opened.value(), work.action, then);
              } else {
                then.accept(notBegun(work.action));
              }
            });
        return;
      }
      if (session == null || !session.isOpen()) {
        then.accept(notBegun(work.action));
      } else {
        Carrier.carryOut(Coordinator.this, session, work.action, then);
      }
    }

    private static Optional<Event> notBegun(Action action) {
      return Optional.of(
          Carrier.failed(
              action, TransitionEvent.Outcome.FAILED, "no session to the member was open"));
    }

    private void keepSessionsOpen() {
      for (GroupTopology group : state.groups().values()) {
        for (MemberAddress member : group.members()) {
          for (Action.Lane kind : Action.Lane.values()) {
            lane(world.member(member.name()), kind).keepOpen();
          }
        }
      }
    }

    private Lane lane(Member member, Action.Lane kind) {
      return lanes.computeIfAbsent(
          member.name() + kind, k -> new Lane(Coordinator.this, member, kind, generation));
    }
  }
}
