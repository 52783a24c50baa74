package io.shardguard.simulator;

import static io.shardguard.simulator.Agenda.MILLI;
import static io.shardguard.simulator.Agenda.SECOND;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Links between hosts, each with two directions. What is sent over a link that is cut is held, as
 * TCP repeats it: it arrives late, or never.
 */
final class Network {

  private final World world;
  private final Map<Link, Integer> cut = new HashMap<>();
  private final Map<Link, List<Runnable>> held = new HashMap<>();
  private final Map<String, Long> slow = new HashMap<>();

  /** One direction. */
  record Link(String from, String to) {}

  Network(World world) {
    this.world = world;
  }

  boolean open(String from, String to) {
    return cut.isEmpty() || from.equals(to) || !cut.containsKey(new Link(from, to));
  }

  boolean openBothWays(String one, String other) {
    return open(one, other) && open(other, one);
  }

  void cut(Link link) {
    cut.merge(link, 1, Integer::sum);
  }

  /** Undoes one cut; the link is whole when all are undone. */
  void mend(Link link) {
    if (cut.merge(link, -1, Integer::sum) > 0) {
      return;
    }
    cut.remove(link);
    List<Runnable> late = held.remove(link);
    if (late == null) {
      return;
    }
    long after = world.chance.between(MILLI, 400 * MILLI);
    for (Runnable message : late) {
      if (!world.chance.oneIn(3)) {
        world.agenda.in(after++, message);
      }
    }
  }

  /** Everything to and from the host takes so much longer; 0 ends it. */
  void slow(String host, long micros) {
    if (micros == 0) {
      slow.remove(host);
    } else {
      slow.put(host, micros);
    }
  }

  /** Delivers, sooner or later. */
  void send(String from, String to, Runnable deliver) {
    if (open(from, to)) {
      world.agenda.in(delay(from, to), deliver);
    } else {
      List<Runnable> waiting = held.computeIfAbsent(new Link(from, to), l -> new ArrayList<>());
      if (waiting.size() < 50) {
        waiting.add(deliver);
      }
    }
  }

  private long delay(String from, String to) {
    if (from.equals(to)) {
      return 20;
    }
    long delay = world.chance.between(100, 700);
    if (world.chance.oneIn(200)) {
      // Lost once, and sent again.
      delay += world.chance.between(20 * MILLI, SECOND / 2);
    }
    if (!slow.isEmpty()) {
      delay += slow.getOrDefault(from, 0L) + slow.getOrDefault(to, 0L);
    }
    return delay;
  }
}
