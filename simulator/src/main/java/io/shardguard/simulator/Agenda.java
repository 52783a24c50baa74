package io.shardguard.simulator;

import java.time.Instant;
import java.util.PriorityQueue;

/** The virtual clock, and what is to happen when. Times are in microseconds since the beginning. */
final class Agenda {

  static final long MILLI = 1_000;
  static final long SECOND = 1_000_000;

  private static final Instant BEGIN = Instant.parse("2030-01-01T00:00:00Z");

  private final PriorityQueue<Entry> entries = new PriorityQueue<>();
  private long now;
  private long skipped;
  private long count;

  private record Entry(long at, long order, Runnable work) implements Comparable<Entry> {
    @Override
    public int compareTo(Entry other) {
      return at != other.at ? Long.compare(at, other.at) : Long.compare(order, other.order);
    }
  }

  /** Virtual time that was lived through; {@link #skipped} comes on top. */
  long now() {
    return now;
  }

  /** Since the beginning, what was skipped included. */
  long elapsed() {
    return now + skipped;
  }

  /** The present as an instant, on a clock that is ahead by {@code skew}. */
  Instant instant(long skew) {
    long micros = now + skipped + skew;
    return BEGIN
        .plusSeconds(Math.floorDiv(micros, SECOND))
        .plusNanos(Math.floorMod(micros, SECOND) * 1000);
  }

  /** Something to be done after so long. */
  void in(long micros, Runnable work) {
    entries.add(new Entry(now + Math.max(0, micros), count++, work));
  }

  /** When the next thing is to be done; {@link Long#MAX_VALUE} if nothing is. */
  long next() {
    return entries.isEmpty() ? Long.MAX_VALUE : entries.peek().at();
  }

  /** Does the next thing. */
  void step() {
    Entry entry = entries.poll();
    now = entry.at();
    entry.work().run();
  }

  /** Lets time pass during which nothing happens: the wall clock moves, nobody's waiting does. */
  void skip(long micros) {
    skipped += micros;
  }

  /** How much was done until now. */
  long steps() {
    return count - entries.size();
  }
}
