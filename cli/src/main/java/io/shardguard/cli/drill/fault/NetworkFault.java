package io.shardguard.cli.drill.fault;

import java.time.Duration;
import java.util.Set;

/** What can be wrong with a member's network. Faults of different kinds add up. */
public sealed interface NetworkFault {

  /**
   * Packets vanish: nobody is told, no connection is reset. Those to and from the member itself
   * pass.
   *
   * @param from whom the member is cut off from
   * @param direction seen from the member
   */
  record Cut(Peer from, Direction direction) implements NetworkFault {}

  /**
   * Every packet that comes in is held back, so that each round trip takes longer by this. A second
   * one takes the place of the first.
   *
   * @param by in whole milliseconds
   * @param jitter up to this much more, evenly spread; packets keep their order
   */
  record Delay(Duration by, Duration jitter) implements NetworkFault {

    public Delay {
      if (by.isNegative() || jitter.isNegative()) {
        throw new IllegalArgumentException("a delay is not negative: " + by + ", " + jitter);
      }
    }
  }

  /**
   * A part of the packets that come in vanishes, by chance.
   *
   * @param percent 1 to 100
   */
  record Loss(int percent) implements NetworkFault {

    public Loss {
      if (percent < 1 || percent > 100) {
        throw new IllegalArgumentException("a loss is from 1 to 100 percent: " + percent);
      }
    }
  }

  /**
   * What goes out is slowed down to a rate. A second one takes the place of the first.
   *
   * @param kilobits per second, at least 8
   */
  record Slow(int kilobits) implements NetworkFault {

    public Slow {
      if (kilobits < 8) {
        throw new IllegalArgumentException("a rate is at least 8 kbit/s: " + kilobits);
      }
    }
  }

  /** Whom a member is cut off from. */
  sealed interface Peer {

    /** All others: members, control plane, HAProxy, clients. */
    record Everybody() implements Peer {}

    /** Control plane, HAProxy and clients, who share an address; members reach each other. */
    record Observers() implements Peer {}

    /** These members, by their names. */
    record Members(Set<String> names) implements Peer {

      public Members {
        names = Set.copyOf(names);
      }
    }
  }

  /** Which packets of a cut vanish. */
  enum Direction {
    /** Those that come to the member, and those that it sends. */
    BOTH,
    /** Those that come to the member. */
    IN,
    /** Those that the member sends. */
    OUT
  }
}
