package io.shardguard.simulator;

import static io.shardguard.simulator.Agenda.MILLI;
import static io.shardguard.simulator.Agenda.SECOND;

import io.shardguard.events.Command;
import io.shardguard.events.MemberAddress;
import io.shardguard.failover.core.DecisionCore;
import io.shardguard.failover.core.Input;
import io.shardguard.failover.core.Policy;
import io.shardguard.simulator.Kafka.Row;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Everything there is in one run. */
final class World {

  static final String CLUSTER = "sim";

  private static final Policy POLICY =
      new Policy(
          Duration.ofSeconds(2),
          Duration.ofSeconds(3),
          10,
          Duration.ofMinutes(10),
          Duration.ofSeconds(1),
          Duration.ofSeconds(5));

  final Agenda agenda = new Agenda();
  private final Queue<Command> orders = new ArrayDeque<>();
  final Chance chance;
  final Conduct conduct;
  final Shape shape;
  final Network network = new Network(this);
  final Metadata metadata = new Metadata(this);
  final TwoPhase twoPhase = new TwoPhase(this);
  final Checks checks;
  final Kafka kafka = new Kafka(this);
  final Provisioner provisioner;
  final LoadBalancer loadBalancer;
  final Clients clients = new Clients(this);
  final List<Monitor> monitors = new ArrayList<>();
  final List<Coordinator> coordinators = new ArrayList<>();

  private final Map<Integer, List<Member>> groups = new TreeMap<>();
  private final Map<String, Member> members = new LinkedHashMap<>();
  private final Map<String, Consumer<Coordinator>> failpoints = new LinkedHashMap<>();
  private final Transcript transcript;
  private int branches;

  World(long seed, Shape shape, Conduct conduct, Transcript transcript) {
    this.chance = new Chance(seed);
    this.shape = shape;
    this.conduct = conduct;
    this.transcript = transcript;
    this.checks = new Checks(this);
    provisioner = new Provisioner(this, shape.remote(), skew());
    loadBalancer = new LoadBalancer(this, skew());
    for (int i = 1; i <= shape.observers(); i++) {
      monitors.add(new Monitor(this, "monitor-" + i, skew()));
    }
    for (int i = 1; i <= 2; i++) {
      coordinators.add(new Coordinator(this, "failover-" + i, new DecisionCore(POLICY), skew()));
    }
    for (int group = 0; group < shape.groups(); group++) {
      List<Member> inGroup = new ArrayList<>();
      for (int i = 0; i < shape.members(); i++) {
        Member member = new Member(this, group, address(group, i), skew());
        inGroup.add(member);
        members.put(member.name(), member);
      }
      groups.put(group, List.copyOf(inGroup));
    }
  }

  private MemberAddress address(int group, int index) {
    char letter = (char) ('a' + index);
    String name = group == 0 ? "coordinator-" + letter : "worker-" + group + letter;
    String net = shape.loopback() ? "127.0." : "10.0.";
    return new MemberAddress(name, net + group + "." + (index + 1), 5432);
  }

  private long skew() {
    return chance.between(-200 * MILLI, 200 * MILLI);
  }

  /** Starts all parts; members are made by the provisioner. */
  void start() {
    kafka.begin();
    coordinators.forEach(Coordinator::start);
    monitors.forEach(Monitor::start);
    loadBalancer.start();
    provisioner.start();
    clients.start(shape.groups());
    metadata.sync();
    checks.begin();
  }

  Member member(String name) {
    return members.get(name);
  }

  Map<Integer, List<Member>> groups() {
    return groups;
  }

  List<Member> members() {
    return List.copyOf(members.values());
  }

  Branch branch(int number, Branch parent, long fork, String transition) {
    return new Branch(number, parent, fork, transition, ++branches);
  }

  /** Lets so much virtual time pass. */
  void run(long micros) {
    long end = agenda.now() + micros;
    agenda.in(micros, () -> {});
    while (agenda.next() <= end) {
      agenda.step();
    }
  }

  void say(String who, Supplier<String> what) {
    if (transcript != null) {
      transcript.add(agenda.elapsed(), who, what.get());
    }
  }

  // ---- what is done to it

  /** An operator's order; the next one is given when Kafka has it. */
  void order(Command command) {
    say("operator", () -> command.toString());
    orders.add(command);
    if (orders.size() == 1) {
      give();
    }
  }

  /** The order is given again until Kafka has it. */
  private void give() {
    kafka.produce(
        clients,
        "cli",
        new Input.Ordered(orders.element(), "operator", false),
        done -> {
          if (done) {
            orders.remove();
          }
          if (!orders.isEmpty()) {
            give();
          }
        });
  }

  /** The end of a part of the control plane; supervision starts it again. */
  void kill(Actor part) {
    if (part instanceof Coordinator coordinator) {
      coordinator.kill();
    } else {
      part.end();
    }
    agenda.in(chance.between(SECOND, 2 * SECOND), () -> restart(part));
  }

  /** The end of a part that is not started again before {@link #restart}. */
  void stop(Actor part) {
    if (part instanceof Coordinator coordinator) {
      coordinator.kill();
    } else {
      part.end();
    }
  }

  void restart(Actor part) {
    if (part.alive()) {
      return;
    }
    switch (part) {
      case Coordinator c -> c.start();
      case Monitor m -> m.start();
      case Provisioner p -> p.start();
      case LoadBalancer l -> l.start();
      default -> throw new IllegalArgumentException("no part of the control plane: " + part.host);
    }
  }

  /** Something is done to whoever commits the next event of this kind, right after it, once. */
  void after(String event, Consumer<Coordinator> what) {
    failpoints.put(event, what);
  }

  /** What was committed: see {@link #after}. */
  void committed(Coordinator owner, List<Row> written) {
    if (failpoints.isEmpty()) {
      return;
    }
    for (Row row : written) {
      String event = row.value().getClass().getSimpleName();
      Consumer<Coordinator> what = failpoints.remove(event);
      if (what != null) {
        say("failpoint", () -> owner.name() + " has committed " + event);
        what.accept(owner);
        return;
      }
    }
  }
}
