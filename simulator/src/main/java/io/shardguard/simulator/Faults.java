package io.shardguard.simulator;

import static io.shardguard.simulator.Agenda.MILLI;
import static io.shardguard.simulator.Agenda.SECOND;

import io.shardguard.events.Command;
import io.shardguard.events.GroupTopology;
import io.shardguard.simulator.Network.Link;
import java.util.ArrayList;
import java.util.List;

/** Does faults to a world, and undoes them. */
final class Faults {

  private final World world;
  private int active;

  Faults(World world) {
    this.world = world;
  }

  /** Some fault lasts. */
  boolean active() {
    return active > 0;
  }

  /** Begins the fault now; its end is seen to. */
  void begin(Fault fault) {
    world.say("fault", () -> fault.toString());
    Runnable undo = apply(fault);
    active++;
    touch(fault);
    keepTouching(fault, world.agenda.now() + fault.lasts() * MILLI);
    world.agenda.in(
        fault.lasts() * MILLI,
        () -> {
          active--;
          if (fault.lasts() > 0) {
            world.say("fault", () -> "over: " + fault);
          }
          undo.run();
          touch(fault);
        });
  }

  /** Undoes by hand what {@code kind} does to {@code target} without an end of its own. */
  Runnable open(Fault fault) {
    world.say("fault", () -> fault.toString());
    active++;
    keepTouching(fault, Long.MAX_VALUE);
    Runnable undo = apply(fault);
    return () -> {
      active--;
      undo.run();
      touch(fault);
    };
  }

  private void keepTouching(Fault fault, long until) {
    if (world.agenda.now() <= until && active > 0) {
      touch(fault);
      world.agenda.in(2 * SECOND, () -> keepTouching(fault, until));
    }
  }

  /** Whom the fault may give reason to be taken for gone. */
  private void touch(Fault fault) {
    switch (fault.kind()) {
      case CRASH,
          HANG,
          DISK_FULL,
          CUT,
          CUT_IN,
          CUT_OUT,
          CUT_FROM_GROUP,
          CUT_FROM_CONTROL,
          SLOW,
          HAND_PROMOTION ->
          touchMember(fault.target());
      case ALL_PRIMARIES, ALL_MEMBERS, FORCE ->
          world.members().forEach(m -> world.checks.troubled(m.name()));
      case UNSEEN -> {
        if (world.monitors.size() == 1) {
          touchMember(fault.target());
        }
      }
      case PAUSE, MAINTENANCE, SWITCHOVER, SWITCHOVER_TO -> {
        // Must be said, however long they last; nobody is gone by them.
      }
      case BLIND -> {
        world.checks.controlTroubled();
        if (world.monitors.size() == 1) {
          world.members().forEach(m -> world.checks.troubled(m.name()));
        }
      }
      default -> world.checks.controlTroubled();
    }
  }

  private void touchMember(String name) {
    world.checks.troubled(name);
    if (world.shape.remote()) {
      world.checks.controlTroubled();
    }
  }

  private Runnable apply(Fault fault) {
    String target = fault.target();
    return switch (fault.kind()) {
      case CRASH -> once(() -> world.member(target).crash("killed by signal 9"));
      case ALL_PRIMARIES -> once(() -> primaries().forEach(m -> m.crash("killed by signal 9")));
      case ALL_MEMBERS -> once(() -> world.members().forEach(m -> m.crash("killed by signal 9")));
      case HANG -> hang(world.member(target));
      case DISK_FULL -> {
        world.member(target).diskFull(true);
        yield () -> world.member(target).diskFull(false);
      }
      case CUT -> cut(links(world.member(target).host, others(target), true, true));
      case CUT_IN -> cut(links(world.member(target).host, others(target), true, false));
      case CUT_OUT -> cut(links(world.member(target).host, others(target), false, true));
      case CUT_FROM_GROUP -> cut(links(world.member(target).host, group(target), true, true));
      case CUT_FROM_CONTROL -> cut(links(world.member(target).host, control(), true, true));
      case SLOW -> slow(world.member(target).host);
      case HAND_PROMOTION -> {
        world.checks.byHand();
        yield once(() -> promote(world.member(target)));
      }
      case HAND_SETTING -> {
        world.checks.byHand();
        yield once(() -> world.member(target).tamper());
      }
      case KILL -> once(() -> world.kill(part(target)));
      case AWAY -> {
        Actor part = part(target);
        world.stop(part);
        yield () -> world.restart(part);
      }
      case FREEZE -> hang(part(target));
      case BLIND -> cut(links(part(target).host, members(), true, true));
      case UNSEEN -> cut(links(world.member(target).host, List.of("monitor-1"), true, true));
      case DECIDERS_AWAY -> {
        world.coordinators.forEach(world::stop);
        yield () -> world.coordinators.forEach(world::restart);
      }
      case LOGLESS -> cut(links(part(target).host, List.of(Kafka.HOST), true, true));
      case KAFKA_AWAY -> {
        world.kafka.away(true);
        yield () -> world.kafka.away(false);
      }
      case PAUSE -> {
        int group = Integer.parseInt(target);
        world.order(new Command.Pause(group));
        yield () -> world.order(new Command.Resume(group));
      }
      case MAINTENANCE -> {
        int group = world.member(target).group;
        world.order(new Command.StartMaintenance(group, target));
        yield () -> world.order(new Command.EndMaintenance(group, target));
      }
      case FORCE -> once(() -> world.order(new Command.FailOver(Integer.parseInt(target), true)));
      case SWITCHOVER ->
          once(() -> world.order(new Command.SwitchOver(Integer.parseInt(target), null)));
      case SWITCHOVER_TO ->
          once(() -> world.order(new Command.SwitchOver(world.member(target).group, target)));
      case OWNER_DIES_AFTER -> once(() -> world.after(target, world::kill));
      case OWNER_FREEZES_AFTER ->
          once(() -> world.after(target, owner -> freeze(owner, fault.lasts() * MILLI)));
    };
  }

  private static Runnable once(Runnable now) {
    now.run();
    return () -> {};
  }

  private Runnable hang(Actor actor) {
    int life = actor.life();
    actor.freeze();
    return () -> {
      if (actor.life() == life) {
        actor.thaw();
      }
    };
  }

  private void freeze(Actor actor, long micros) {
    active++;
    Runnable thaw = hang(actor);
    world.agenda.in(
        micros,
        () -> {
          active--;
          thaw.run();
          world.checks.controlTroubled();
        });
  }

  private Runnable slow(String host) {
    world.network.slow(host, world.chance.between(20 * MILLI, 900 * MILLI));
    return () -> world.network.slow(host, 0);
  }

  private Runnable cut(List<Link> links) {
    links.forEach(world.network::cut);
    return () -> links.forEach(world.network::mend);
  }

  private static void promote(Member member) {
    if (member.accepting() && member.inRecovery()) {
      member.promote(null);
    }
  }

  private static List<Link> links(String host, List<String> with, boolean in, boolean out) {
    List<Link> links = new ArrayList<>();
    for (String other : with) {
      if (in) {
        links.add(new Link(other, host));
      }
      if (out) {
        links.add(new Link(host, other));
      }
    }
    return links;
  }

  private List<String> members() {
    return world.members().stream().map(m -> m.host).toList();
  }

  private List<String> group(String member) {
    Member self = world.member(member);
    return world.groups().get(self.group).stream().filter(m -> m != self).map(m -> m.host).toList();
  }

  private List<String> control() {
    List<String> hosts = new ArrayList<>();
    world.monitors.forEach(m -> hosts.add(m.host));
    world.coordinators.forEach(c -> hosts.add(c.host));
    hosts.add(world.provisioner.host);
    return hosts;
  }

  private List<String> others(String target) {
    List<String> hosts = new ArrayList<>(members());
    hosts.remove(world.member(target).host);
    hosts.addAll(control());
    hosts.add(world.clients.host);
    return hosts;
  }

  private List<Member> primaries() {
    return world.kafka.newest().values().stream()
        .map(GroupTopology::primary)
        .filter(p -> p != null)
        .map(world::member)
        .toList();
  }

  /** A part of the control plane by its name; {@code owner} is whichever instance decides. */
  private Actor part(String name) {
    if (name.equals("owner")) {
      Coordinator owner = world.kafka.owner();
      return owner == null ? world.coordinators.getFirst() : owner;
    }
    List<Actor> parts = new ArrayList<>(world.coordinators);
    parts.addAll(world.monitors);
    parts.add(world.provisioner);
    parts.add(world.loadBalancer);
    return parts.stream()
        .filter(p -> p.host.equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("there is no part named " + name));
  }
}
