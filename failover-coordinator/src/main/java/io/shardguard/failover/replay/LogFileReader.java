package io.shardguard.failover.replay;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.shardguard.events.Basis;
import io.shardguard.events.Envelope;
import io.shardguard.events.Envelope.Cause;
import io.shardguard.events.Event;
import io.shardguard.events.EventCodec;
import io.shardguard.events.EventCodec.UnreadableException;
import io.shardguard.events.Topics;
import io.shardguard.failover.replay.RecordedLog.Problem;
import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Takes a file's lines, and says of each what is wrong with it. */
final class LogFileReader {

  private final EventCodec codec;
  private final List<LogEntry> entries = new ArrayList<>();
  private final List<Problem> problems = new ArrayList<>();
  private final Map<String, Long> newest = new HashMap<>();
  private final Set<Cause> places = new HashSet<>();
  private final Set<String> clusters = new TreeSet<>();
  private LogFile.Head head;
  private long line;
  private long records;
  private boolean ended;
  private String torn;

  LogFileReader(EventCodec codec) {
    this.codec = codec;
  }

  void take(String text) throws UnusableLogException {
    line++;
    if (torn != null) {
      // It was not the last one: no cut, but a line that is none.
      damage(line - 1, "no JSON, left out: " + torn);
      torn = null;
    }
    if (text.isBlank()) {
      return;
    }
    JsonNode node;
    try {
      node =
          codec
              .mapper()
              .reader()
              .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
              .readTree(text);
    } catch (JsonProcessingException e) {
      torn = e.getOriginalMessage();
      return;
    }
    take(node);
  }

  /** The bytes after the last line are no text. */
  void torn(String why) {
    line++;
    torn = why;
  }

  private void take(JsonNode node) throws UnusableLogException {
    if (node.has("log")) {
      head(node);
    } else if (node.has("end")) {
      end(node);
    } else {
      record(node);
    }
  }

  private void head(JsonNode node) throws UnusableLogException {
    int version = node.path("version").asInt(-1);
    if (!node.path("log").asText().equals("shardguard") || version != LogFile.VERSION) {
      throw new UnusableLogException(
          "line "
              + line
              + ": a log of version "
              + node.path("version").asText("none")
              + "; this program reads version "
              + LogFile.VERSION
              + ". Nothing was replayed.");
    }
    if (records > 0 || head != null) {
      throw new UnusableLogException(
          "line " + line + ": a second log begins here: one file, one log.");
    }
    head = LogFile.head(node);
    clusters.add(head.cluster());
  }

  private void end(JsonNode node) {
    ended = true;
    long said = node.path("records").asLong(-1);
    if (said != records) {
      damage(line, "the log had " + said + " records, " + records + " lines of them are here");
    }
  }

  private void record(JsonNode node) {
    records++;
    if (ended) {
      note(line, "a record after the log's last line");
    }
    String topic = node.path("topic").asText("");
    if (topic.isEmpty() || !node.path("offset").canConvertToLong()) {
      damage(line, "no record of the log, left out: its topic or offset is missing");
      return;
    }
    try {
      Cause place = new Cause(topic, node.path("partition").asInt(), node.path("offset").asLong());
      Instant at = Instant.parse(node.path("timestamp").asText());
      if (inOrder(place)) {
        clusters.add(node.path("key").asText().replaceFirst("/.*$", ""));
        decode(place, at, bytes(node));
      }
    } catch (DateTimeParseException e) {
      damage(line, "no record of the log, left out: its timestamp is none");
    } catch (IOException e) {
      damage(line, "no record of the log, left out: " + e.getMessage());
    }
  }

  private boolean inOrder(Cause place) {
    if (!places.add(place)) {
      note(line, where(place) + " stands twice: taken once");
      return false;
    }
    String partition = place.topic() + "/" + place.partition();
    Long before = newest.merge(partition, place.offset(), Math::max);
    if (before != place.offset()) {
      note(
          line,
          where(place) + " stands after @" + before + ": not in the log's order, sorted by offset");
    }
    return true;
  }

  private byte[] bytes(JsonNode node) throws IOException {
    return node.has("valueBase64")
        ? node.path("valueBase64").binaryValue()
        : codec.mapper().writeValueAsBytes(node.path("value"));
  }

  private void decode(Cause place, Instant at, byte[] value) {
    try {
      switch (place.topic()) {
        case Topics.EVENTS -> event(place, at, value);
        case Topics.OBSERVATIONS ->
            entries.add(new LogEntry.OfObservation(place, at, codec.readObservation(value).data()));
        case Topics.COMMANDS ->
            entries.add(new LogEntry.OfCommand(place, at, codec.readCommand(value)));
        default -> {
          // The topology is not read: it follows from the events.
        }
      }
    } catch (UnreadableException e) {
      note(line, where(place) + " cannot be read, left out: " + e.getMessage());
    }
  }

  private void event(Cause place, Instant at, byte[] value) {
    try {
      Optional<Envelope<Event>> event = codec.readEvent(value);
      if (event.isPresent()) {
        entries.add(new LogEntry.OfEvent(place, at, event.get(), basis(place, value)));
      } else {
        unknown(place, at, value, "is an event that this version does not know");
      }
    } catch (UnreadableException e) {
      unknown(place, at, value, "cannot be read, left out: " + e.getMessage());
    }
  }

  /** A decision that it is part of cannot be judged. */
  private void unknown(Cause place, Instant at, byte[] value, String why) {
    JsonNode node;
    try {
      node = codec.mapper().readTree(value);
    } catch (IOException notJson) {
      node = MissingNode.getInstance();
    }
    String type = node.path("type").asText();
    note(line, where(place) + " " + why + (type.isEmpty() ? "" : " (" + type + ")"));
    if (node.path("source").asText().equals(LogEntry.SOURCE)) {
      entries.add(new LogEntry.Unknown(place, at, type));
    }
  }

  private Optional<Basis> basis(Cause place, byte[] value) {
    try {
      return codec.readBasis(value);
    } catch (UnreadableException e) {
      note(line, "what the decision at " + where(place) + " rested on cannot be read: " + e);
      return Optional.empty();
    }
  }

  RecordedLog log() throws UnusableLogException {
    if (torn != null) {
      damage(line, "cut in the middle of a record: " + torn);
    } else if (head != null && !ended) {
      damage(line, "the log's last line is missing: it was cut after this one");
    }
    if (line == 0 || (records == 0 && head == null && torn == null)) {
      throw new UnusableLogException("The log is empty: nothing was replayed.");
    }
    if (places.isEmpty() && head == null) {
      throw new UnusableLogException(
          "No log: " + problems.get(0) + ". ./shardguard events --export writes one.");
    }
    if (clusters.size() > 1) {
      throw new UnusableLogException(
          "The log is of more than one cluster: " + String.join(", ", clusters) + ".");
    }
    entries.sort(
        Comparator.comparing((LogEntry entry) -> entry.place().topic())
            .thenComparing(entry -> entry.place().partition())
            .thenComparing(entry -> entry.place().offset()));
    LogStart start = head == null || head.start() == null ? LogStart.NOTHING : head.start();
    return new RecordedLog(
        clusters.iterator().next(), start, List.copyOf(entries), List.copyOf(problems));
  }

  private void damage(long at, String what) {
    problems.add(new Problem(at, true, what));
  }

  private void note(long at, String what) {
    problems.add(new Problem(at, false, what));
  }

  static String where(Cause place) {
    return place.topic() + "/" + place.partition() + "@" + place.offset();
  }
}
