package io.shardguard.events;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** Our count of a group's primaries: it only grows, by one with each promotion that is decided. */
public record Epoch(@JsonValue long value) implements Comparable<Epoch> {

  /** A group that never had a primary. */
  public static final Epoch NONE = new Epoch(0);

  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public Epoch {
    if (value < 0) {
      throw new IllegalArgumentException("an epoch is never negative: " + value);
    }
  }

  /** The epoch of the group's next primary. */
  public Epoch next() {
    return new Epoch(value + 1);
  }

  @Override
  public int compareTo(Epoch other) {
    return Long.compare(value, other.value);
  }

  @Override
  public String toString() {
    return Long.toString(value);
  }
}
