package io.shardguard.events;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** PostgreSQL's own count of promotions in one lineage of write-ahead log, from 1. */
public record Timeline(@JsonValue int id) implements Comparable<Timeline> {

  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public Timeline {
    if (id < 1) {
      throw new IllegalArgumentException("timelines count from 1: " + id);
    }
  }

  @Override
  public int compareTo(Timeline other) {
    return Integer.compare(id, other.id);
  }

  @Override
  public String toString() {
    return Integer.toString(id);
  }
}
