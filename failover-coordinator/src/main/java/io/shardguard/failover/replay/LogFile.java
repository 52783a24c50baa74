package io.shardguard.failover.replay;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.shardguard.events.EventCodec;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Iterator;
import java.util.Map;

/**
 * The form of an exported log: a line of JSON that says what it is, one for each record, and one
 * that says that this was all. The first and the last may be missing: older exports have none.
 */
public final class LogFile {

  /** Of the form: a reader of one version does not guess what another one means. */
  public static final int VERSION = 1;

  private static final EventCodec CODEC = new EventCodec();

  private LogFile() {}

  /** The first line. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Head(
      String log,
      int version,
      String cluster,
      Instant exported,
      Instant since,
      Instant until,
      LogStart start) {}

  /**
   * The line that begins a file.
   *
   * @param since the time from which on it has the log; null: all
   * @param until the time up to which it has the log; null: all
   * @param start what was known at {@code since}
   */
  public static String head(
      String cluster, Instant exported, Instant since, Instant until, LogStart start) {
    return json(new Head("shardguard", VERSION, cluster, exported, since, until, start));
  }

  /** The line that ends a file of so many records. */
  public static String end(long records) {
    return json(Map.of("end", "shardguard", "records", records));
  }

  /**
   * Reads a file.
   *
   * @throws UnusableLogException if it is none, or none of this version
   */
  public static RecordedLog read(Iterator<String> lines) throws UnusableLogException {
    LogFileReader reader = new LogFileReader(CODEC);
    try {
      while (lines.hasNext()) {
        reader.take(lines.next());
      }
    } catch (UncheckedIOException notText) {
      reader.torn(String.valueOf(notText.getCause().getMessage()));
    }
    return reader.log();
  }

  static Head head(JsonNode line) throws UnusableLogException {
    try {
      return CODEC.mapper().treeToValue(line, Head.class);
    } catch (JsonProcessingException | RuntimeException e) {
      throw new UnusableLogException(
          "line 1: the head of a log that cannot be read: " + e.getMessage());
    }
  }

  private static String json(Object value) {
    try {
      return CODEC.mapper().writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a line of the log has no JSON form", e);
    }
  }
}
