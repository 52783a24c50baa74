package io.shardguard.simulator;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Something that runs on a host, and can end, begin again, and stand still. What reaches it while
 * it stands still is done when it goes on; what was meant for an earlier life is not done at all.
 */
class Actor {

  final World world;
  final String host;
  private final long skew;
  private final List<Runnable> backlog = new ArrayList<>();
  private boolean alive;
  private boolean frozen;
  private int life;

  Actor(World world, String host, long skew) {
    this.world = world;
    this.host = host;
    this.skew = skew;
  }

  /** The actor's own clock, which may be a little off. */
  final Instant clock() {
    return world.agenda.instant(skew);
  }

  final boolean alive() {
    return alive;
  }

  final boolean frozen() {
    return frozen;
  }

  /** Runs and goes on. */
  final boolean active() {
    return alive && !frozen;
  }

  /** Counts beginnings and ends. */
  final int life() {
    return life;
  }

  final void begin() {
    alive = true;
    frozen = false;
    life++;
    backlog.clear();
  }

  final void end() {
    alive = false;
    frozen = false;
    life++;
    backlog.clear();
  }

  final void freeze() {
    frozen = alive;
  }

  final void thaw() {
    if (!frozen) {
      return;
    }
    frozen = false;
    List<Runnable> missed = List.copyOf(backlog);
    backlog.clear();
    missed.forEach(work -> world.agenda.in(world.chance.between(0, 500), guarded(life, work)));
  }

  /** Does something in this life of the actor, now or when it goes on. */
  final void exec(int inLife, Runnable work) {
    if (!alive || inLife != life) {
      return;
    }
    if (frozen) {
      backlog.add(work);
    } else {
      work.run();
    }
  }

  /** Does something later in this life. */
  final void in(long micros, Runnable work) {
    world.agenda.in(micros, guarded(life, work));
  }

  private Runnable guarded(int inLife, Runnable work) {
    return () -> exec(inLife, work);
  }
}
