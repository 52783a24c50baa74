package io.shardguard.simulator;

import static io.shardguard.simulator.Agenda.MILLI;
import static io.shardguard.simulator.Agenda.SECOND;

import io.shardguard.events.Event;
import io.shardguard.events.GroupTopology;
import io.shardguard.failover.explain.EventSentence;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Kafka as Shardguard uses it: an ordered log, a consumer group that has one owner at a time,
 * transactions of which the newest producer's alone are taken.
 */
final class Kafka {

  static final String HOST = "kafka";

  private static final long SESSION_TIMEOUT = 6 * SECOND;
  private static final long DELIVERY_TIMEOUT = 15 * SECOND;

  private final World world;
  private final List<Row> rows = new ArrayList<>();
  private final List<Subscriber> subscribers = new ArrayList<>();
  private final Map<Integer, GroupTopology> newest = new TreeMap<>();
  private final Map<Coordinator, Long> heartbeats = new TreeMap<>();
  private int ownerLife;
  private long ownerHeard;
  private boolean away;
  private int committed;
  private int producerEpoch;
  private Coordinator owner;

  /**
   * A record.
   *
   * @param value an Event, an Observation, an Ordered command or a GroupTopology
   * @param at by its producer's clock
   */
  record Row(String source, Instant at, Object value) {}

  /** How a transaction ended. */
  enum Outcome {
    COMMITTED,
    FENCED,
    UNKNOWN
  }

  /** What a new owner finds. */
  record Taken(int epoch, int cursor, List<GroupTopology> groups) {}

  /** Somebody who reads on. */
  private final class Subscriber {
    final Actor actor;
    final int life;
    final Consumer<Row> take;
    int cursor;
    boolean due;

    Subscriber(Actor actor, int cursor, Consumer<Row> take) {
      this.actor = actor;
      this.life = actor.life();
      this.cursor = cursor;
      this.take = take;
    }

    void poke() {
      if (!due) {
        due = true;
        world.agenda.in(latency(), this::deliver);
      }
    }

    private void deliver() {
      if (!reaches(actor)) {
        world.agenda.in(300 * MILLI, this::deliver);
        return;
      }
      due = false;
      int end = rows.size();
      actor.exec(
          life,
          () -> {
            while (cursor < end) {
              take.accept(rows.get(cursor++));
            }
          });
    }
  }

  Kafka(World world) {
    this.world = world;
  }

  void begin() {
    world.agenda.in(SECOND, this::watchOwner);
  }

  boolean isAway() {
    return away;
  }

  void away(boolean gone) {
    away = gone;
    if (!gone) {
      ownerHeard = world.agenda.now();
    }
  }

  boolean reaches(Actor actor) {
    return !away && world.network.openBothWays(actor.host, HOST);
  }

  List<Row> rows() {
    return rows;
  }

  /** The newest committed state of each group: the truth. */
  Map<Integer, GroupTopology> newest() {
    return newest;
  }

  Coordinator owner() {
    return owner;
  }

  private long latency() {
    return world.chance.between(300, 3 * MILLI);
  }

  // ---- reading

  /** Tells of every record from now on. */
  void subscribe(Actor actor, Consumer<Row> take) {
    subscribers.removeIf(s -> s.actor.life() != s.life || !s.actor.alive());
    subscribers.add(new Subscriber(actor, rows.size(), take));
  }

  /** Reads the topology to its end; null if that cannot be done in time. */
  void readTopology(Actor actor, Consumer<Map<Integer, GroupTopology>> then) {
    int life = actor.life();
    world.agenda.in(
        latency() + world.chance.between(2 * MILLI, 40 * MILLI),
        () -> {
          boolean readable = reaches(actor);
          Map<Integer, GroupTopology> read = readable ? new TreeMap<>(newest) : null;
          world.agenda.in(
              readable ? latency() : 5 * SECOND, () -> actor.exec(life, () -> then.accept(read)));
        });
  }

  // ---- writing

  /** Writes a record; tells whether it surely was written. */
  void produce(Actor actor, String source, Object value, Consumer<Boolean> then) {
    produce(actor, source, value, actor.clock(), then);
  }

  /** Writes a record that says that it is from {@code at}. */
  void produce(Actor actor, String source, Object value, Instant at, Consumer<Boolean> then) {
    int life = actor.life();
    world.agenda.in(
        latency(),
        () -> {
          boolean taken = reaches(actor);
          if (taken) {
            append(new Row(source, at, value));
            if (world.chance.oneIn(100)) {
              append(new Row(source, at, value));
            }
          }
          world.agenda.in(
              latency(),
              () -> {
                boolean known = taken && reaches(actor);
                if (known) {
                  actor.exec(life, () -> then.accept(true));
                } else {
                  world.agenda.in(2 * SECOND, () -> actor.exec(life, () -> then.accept(false)));
                }
              });
        });
  }

  private void append(Row row) {
    rows.add(row);
    if (row.value() instanceof GroupTopology group) {
      newest.put(group.group(), group);
      world.checks.decided(group);
    } else if (row.value() instanceof Event event) {
      world.say(row.source(), () -> EventSentence.of(event));
      world.checks.happened(event);
    }
    for (Subscriber subscriber : subscribers) {
      subscriber.poke();
    }
    if (owner != null && !(row.value() instanceof GroupTopology)) {
      owner.poke();
    }
  }

  // ---- the consumer group

  /** An instance says that it lives, and hears whether it owns the partition. */
  void heartbeat(Coordinator instance) {
    if (!reaches(instance)) {
      return;
    }
    int life = instance.life();
    heartbeats.put(instance, world.agenda.now());
    if (owner == null) {
      assign(instance);
    }
    boolean owns = owner == instance && ownerLife == life;
    if (owns) {
      ownerHeard = world.agenda.now();
    }
    world.agenda.in(latency(), () -> instance.exec(life, () -> instance.assigned(owns)));
  }

  /** An instance that ends in good order, or begins anew, is no member any more. */
  void leave(Coordinator instance) {
    heartbeats.remove(instance);
    if (owner == instance) {
      owner = null;
    }
  }

  private void watchOwner() {
    if (!away && owner != null) {
      if (world.agenda.now() - ownerHeard > SESSION_TIMEOUT) {
        leave(owner);
        heartbeats.keySet().stream().findFirst().ifPresent(this::assign);
      }
    }
    world.agenda.in(SECOND, this::watchOwner);
  }

  private void assign(Coordinator instance) {
    owner = instance;
    ownerLife = instance.life();
    ownerHeard = world.agenda.now();
    world.say("kafka", () -> instance.name() + " owns the cluster's decisions");
  }

  /** The records after {@code cursor}. */
  List<Row> poll(Coordinator instance, int cursor) {
    if (!reaches(instance)) {
      return List.of();
    }
    return rows.subList(cursor, Math.min(rows.size(), cursor + 200));
  }

  // ---- transactions

  /** initTransactions and a look at the topology; null if Kafka does not answer. */
  void takeOver(Coordinator instance, Consumer<Taken> then) {
    int life = instance.life();
    world.agenda.in(
        latency() + world.chance.between(5 * MILLI, 60 * MILLI),
        () -> {
          Taken taken =
              reaches(instance)
                  ? new Taken(++producerEpoch, committed, List.copyOf(newest.values()))
                  : null;
          world.agenda.in(
              taken == null ? 5 * SECOND : latency(),
              () -> instance.exec(life, () -> then.accept(taken)));
        });
  }

  /** Writes the records and passes what was read, both or neither. */
  void commit(
      Coordinator instance, int epoch, List<Row> written, int cursor, Consumer<Outcome> then) {
    long giveUpAt = world.agenda.now() + DELIVERY_TIMEOUT;
    commit(instance, instance.life(), epoch, written, cursor, giveUpAt, then);
  }

  private void commit(
      Coordinator instance,
      int life,
      int epoch,
      List<Row> written,
      int cursor,
      long giveUpAt,
      Consumer<Outcome> then) {
    world.agenda.in(
        latency() + world.chance.between(2 * MILLI, 12 * MILLI),
        () -> {
          if (!reaches(instance)) {
            if (world.agenda.now() > giveUpAt) {
              instance.exec(life, () -> then.accept(Outcome.UNKNOWN));
            } else {
              world.agenda.in(
                  200 * MILLI,
                  () -> commit(instance, life, epoch, written, cursor, giveUpAt, then));
            }
            return;
          }
          boolean fenced =
              epoch != producerEpoch && !world.conduct.lacks(Habit.OLD_PRODUCERS_ARE_FENCED);
          if (!fenced) {
            written.forEach(this::append);
            committed = Math.max(committed, cursor);
          }
          world.agenda.in(
              latency(),
              () -> {
                Outcome outcome =
                    !reaches(instance)
                        ? Outcome.UNKNOWN
                        : fenced ? Outcome.FENCED : Outcome.COMMITTED;
                instance.exec(life, () -> then.accept(outcome));
              });
        });
  }
}
