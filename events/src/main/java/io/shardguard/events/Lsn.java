package io.shardguard.events;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.regex.Pattern;

/**
 * A position in the write-ahead log, in bytes since its beginning, written as PostgreSQL writes it
 * ({@code 0/16B3740}).
 *
 * @param bytes the position; unsigned, as in PostgreSQL
 */
public record Lsn(long bytes) implements Comparable<Lsn> {

  /** PostgreSQL's InvalidXLogRecPtr: before every real position. */
  public static final Lsn ZERO = new Lsn(0);

  private static final Pattern FORM = Pattern.compile("[0-9A-Fa-f]{1,8}/[0-9A-Fa-f]{1,8}");

  /**
   * Reads PostgreSQL's text form.
   *
   * @throws IllegalArgumentException if the text is not two hexadecimal numbers of at most 32 bits
   *     with a slash between them
   */
  @JsonCreator
  public static Lsn parse(String text) {
    if (!FORM.matcher(text).matches()) {
      throw new IllegalArgumentException("not an LSN: '" + text + "'; expected the form 0/16B3740");
    }
    int slash = text.indexOf('/');
    long high = Long.parseLong(text, 0, slash, 16);
    long low = Long.parseLong(text, slash + 1, text.length(), 16);
    return new Lsn((high << 32) | low);
  }

  /**
   * The distance in bytes from {@code earlier} to this position; negative if this one is the
   * earlier.
   */
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
