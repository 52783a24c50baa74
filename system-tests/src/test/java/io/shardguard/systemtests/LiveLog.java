package io.shardguard.systemtests;

import io.shardguard.eventlog.LogReader;
import io.shardguard.events.Envelope;
import io.shardguard.events.Event;
import io.shardguard.events.GroupTopology;
import io.shardguard.events.MemberAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.awaitility.Awaitility;

/** The events of a running cluster, from the moment on at which this was made. */
final class LiveLog implements AutoCloseable {

  private static final Duration GENEROUS = Duration.ofSeconds(240);

  private final LogReader reader;
  private final List<Event> events = new CopyOnWriteArrayList<>();
  private final Thread follower;
  private volatile boolean closed;

  LiveLog(String bootstrapServers) {
    reader = new LogReader(bootstrapServers);
    Instant from = Instant.now();
    follower =
        Thread.ofPlatform().daemon().start(() -> reader.follow(from, () -> closed, this::add));
  }

  private void add(Envelope<Event> envelope) {
    events.add(envelope.data());
  }

  /** The first event of this kind, waited for. */
  <T extends Event> T await(Class<T> type, Predicate<T> which) {
    return Awaitility.await()
        .atMost(GENEROUS)
        .until(() -> events(type).stream().filter(which).findFirst(), found -> found.isPresent())
        .orElseThrow();
  }

  /** All events of this kind so far. */
  <T extends Event> List<T> events(Class<T> type) {
    return events.stream().filter(type::isInstance).map(type::cast).toList();
  }

  /** The newest state of a group. */
  GroupTopology group(int id) throws TimeoutException {
    return groups().stream().filter(group -> group.group() == id).findFirst().orElseThrow();
  }

  /** All members' addresses. */
  List<MemberAddress> members() throws TimeoutException {
    return groups().stream().flatMap(group -> group.members().stream()).toList();
  }

  private List<GroupTopology> groups() throws TimeoutException {
    return List.copyOf(reader.topology(GENEROUS).values());
  }

  @Override
  public void close() throws InterruptedException {
    closed = true;
    follower.join(GENEROUS);
  }
}
