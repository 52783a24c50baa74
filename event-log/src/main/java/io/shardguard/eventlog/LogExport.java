package io.shardguard.eventlog;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shardguard.events.EventCodec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Writes a cluster's recorded log as lines of JSON, one for each record: {@code topic}, {@code
 * partition}, {@code offset}, {@code timestamp} (the record's own), {@code key} and {@code value}.
 * A value that is not JSON is {@code valueBase64} instead: a record that cannot be read is kept as
 * it is. The topics follow one another, each partition in its order.
 */
public final class LogExport {

  private final CommittedLog log;
  private final String cluster;
  private final ObjectReader json =
      new EventCodec().mapper().reader().with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  /** An export of one cluster's records. */
  public LogExport(String bootstrapServers, String cluster) {
    this.log = new CommittedLog(bootstrapServers);
    this.cluster = cluster;
  }

  /**
   * Writes the records of these topics that there are now.
   *
   * @param since older ones are left out; null: from the first
   * @param until later ones are left out; null: to the end
   * @param deadline for each topic
   * @return how many there were
   * @throws TimeoutException if the end of a topic was not reached in time
   * @throws IOException if they cannot be written
   */
  public long write(
      List<String> topics, Instant since, Instant until, Duration deadline, Writer lines)
      throws TimeoutException, IOException {
    long[] written = {0};
    try {
      for (String topic : topics) {
        log.readToEnd(
            topic,
            since,
            deadline,
            row -> {
              if (isWanted(row, since, until)) {
                write(row, lines);
                written[0]++;
              }
            });
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    return written[0];
  }

  private boolean isWanted(ConsumerRecord<String, byte[]> row, Instant since, Instant until) {
    Instant at = Instant.ofEpochMilli(row.timestamp());
    boolean ours =
        row.key() != null && (row.key().equals(cluster) || row.key().startsWith(cluster + "/"));
    // A partition begins with the first record that is not older; after it may come older ones.
    return ours && (since == null || !at.isBefore(since)) && (until == null || !at.isAfter(until));
  }

  private void write(ConsumerRecord<String, byte[]> row, Writer lines) {
    ObjectNode line =
        JsonNodeFactory.instance
            .objectNode()
            .put("topic", row.topic())
            .put("partition", row.partition())
            .put("offset", row.offset())
            .put("timestamp", Instant.ofEpochMilli(row.timestamp()).toString())
            .put("key", row.key());
    try {
      putValue(line, row.value());
      lines.write(line.toString());
      lines.write('\n');
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void putValue(ObjectNode line, byte[] value) {
    if (value == null) {
      line.putNull("value");
      return;
    }
    try {
      JsonNode read = json.readTree(value);
      if (read.isMissingNode()) {
        line.put("valueBase64", value);
      } else {
        line.set("value", read);
      }
    } catch (IOException notJson) {
      line.put("valueBase64", value);
    }
  }
}
