package io.shardguard.events;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * A position in the write-ahead log, in bytes since its beginning, written as PostgreSQL writes it ({@code 0/16B3740}).
 *
 * @param bytes the position; unsigned, as in PostgreSQL
 */
public record Lsn(long bytes) implements Comparable<Lsn> {

  /** PostgreSQL's InvalidXLogRecPtr: before every real position. */
  public static final Lsn ZERO = new Lsn(0);

  /**
   * Reads PostgreSQL's text form.
   *
   * @throws IllegalArgumentException if the text is not two hexadecimal numbers with a slash between them
   */
  @JsonCreator
  public static Lsn parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 1) {
      throw new IllegalArgumentException("not an LSN: '" + text + "'; expected the form 0/16B3740");
    }
    try {
      long high = Long.parseLong(text.substring(0, slash), 16);
      long low = Long.parseLong(text.substring(slash + 1), 16);
      return new Lsn((high << 32) | low);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("not an LSN: '" + text + "'; expected the form 0/16B3740", e);
    }
  }

  /** The distance in bytes from {@code earlier} to this position; negative if this one is the earlier. */
  public long minus(Lsn earlier) {
    return bytes - earlier.bytes;
  }

  /** Whether this position is at or behind {@code other} in the log. */
  public boolean hasReached(Lsn other) {
    return compareTo(other) >= 0;
  }

  @Override
  public int compareTo(Lsn other) {
    return Long.compareUnsigned(bytes, other.bytes);
  }

  @JsonValue
  @Override
  public String toString() {
    return String.format("%X/%X", bytes >>> 32, bytes & 0xFFFFFFFFL);
  }
}
