package io.shardguard.simulator;

import static io.shardguard.simulator.Agenda.MILLI;
import static io.shardguard.simulator.Agenda.SECOND;

import io.shardguard.events.GroupTopology;
import io.shardguard.events.MemberAddress;
import io.shardguard.events.Observation;
import io.shardguard.events.ProvisionerEvent.ClusterDeclared;
import io.shardguard.events.ProvisionerEvent.MemberExited;
import io.shardguard.events.ProvisionerEvent.MemberStarted;
import io.shardguard.healthmonitor.core.Findings;
import io.shardguard.healthmonitor.core.Limits;
import io.shardguard.healthmonitor.core.ProbeResult;
import io.shardguard.healthmonitor.core.Watch;
import io.shardguard.healthmonitor.core.Watch.Declared;
import io.shardguard.healthmonitor.core.Watched;
import io.shardguard.simulator.Kafka.Row;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An observer: health-monitor's loop and its probes around the real core. */
final class Monitor extends Actor {

  static final String SERVICE = "health-monitor";

  private static final Limits LIMITS =
      new Limits(
          Duration.ofSeconds(1),
          Duration.ofMillis(2500),
          Duration.ofSeconds(10),
          Duration.ofSeconds(3),
          Duration.ofSeconds(30),
          Duration.ofSeconds(3),
          Duration.ofSeconds(15),
          Duration.ofSeconds(1),
          Duration.ofSeconds(2),
          Duration.ofSeconds(10),
          Duration.ofSeconds(1));
  private static final long TICK = 200 * MILLI;
  private static final long ROUND = 500 * MILLI;

  private final Map<String, Probe> probes = new LinkedHashMap<>();
  private Outbox outbox;
  private Watch watch;
  private Observation newest;
  private boolean observing;
  private long sinceRound;
  private long observedAt;

  Monitor(World world, String name, long skew) {
    super(world, name, skew);
  }

  String name() {
    return host;
  }

  void start() {
    begin();
    probes.clear();
    outbox = new Outbox(this, SERVICE);
    newest = null;
    observing = false;
    observedAt = 0;
    watch = Watch.begin(host, LIMITS, clock());
    world.kafka.subscribe(this, this::take);
    readTopology();
    in(TICK, this::tick);
  }

  /** It runs, and gets answers from everybody. */
  boolean seesAll() {
    return active()
        && !watch.isolated()
        && watch.members().values().stream().allMatch(m -> m.up() && m.history().failure() == null);
  }

  private void readTopology() {
    world.kafka.readTopology(
        this,
        groups -> {
          if (groups == null) {
            in(SECOND, this::readTopology);
          } else if (!groups.isEmpty()) {
            members(groups);
            groups.values().forEach(group -> watch = watch.decided(group));
          }
        });
  }

  private void take(Row row) {
    switch (row.value()) {
      case GroupTopology group -> {
        watch = watch.decided(group);
        look();
      }
      case ClusterDeclared declared ->
          members(
              declared.groups().stream()
                  .flatMap(g -> g.members().stream().map(m -> new Declared(g.group(), m)))
                  .toList());
      case MemberExited exit -> {
        watch = watch.exited(exit.member(), row.at(), exit.reason());
        look();
      }
      case MemberStarted start -> watch = watch.started(start.member(), row.at());
      default -> {
        // Not the monitor's.
      }
    }
  }

  private void members(Map<Integer, GroupTopology> groups) {
    if (watch.members().isEmpty()) {
      List<Declared> members = new ArrayList<>();
      groups
          .values()
          .forEach(g -> {
            for (MemberAddress m : g.members()) {
              members.add(new Declared(g.group(), m));
            }
          });
      members(members);
    }
  }

  private void members(List<Declared> members) {
    watch = watch.declared(members, clock());
    for (Declared member : members) {
      String name = member.address().name();
      probes.computeIfAbsent(name, n -> new Probe(this, world.member(n)));
    }
  }

  private void tick() {
    sinceRound += TICK;
    boolean round = sinceRound >= ROUND;
    if (round) {
      sinceRound -= ROUND;
    }
    for (Watched member : watch.members().values()) {
      if (round || !watch.allAnswer(member.group())) {
        probes.get(member.name()).tick();
      }
    }
    look();
    in(TICK, this::tick);
  }

  void result(String member, ProbeResult result) {
    watch = watch.after(member, result, clock());
    look();
  }

  private void look() {
    Findings findings = watch.look(clock());
    watch = findings.next();
    findings.events().forEach(outbox::publish);
    if (findings.changed() || world.agenda.now() - observedAt >= SECOND) {
      observedAt = world.agenda.now();
      newest = findings.observation();
      observe();
    }
    for (String witness : findings.ask()) {
      in(10 * MILLI, () -> probes.get(witness).askNow());
    }
  }

  private void observe() {
    if (observing || newest == null) {
      return;
    }
    observing = true;
    Observation next = newest;
    newest = null;
    world.kafka.produce(
        this,
        SERVICE,
        next,
        done -> {
          observing = false;
          observe();
        });
  }
}
