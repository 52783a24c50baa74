package io.shardguard.failover.shadow;

import io.shardguard.eventlog.CommittedLog;
import io.shardguard.eventlog.KafkaTopics;
import io.shardguard.eventlog.LogReader;
import io.shardguard.events.Basis;
import io.shardguard.events.Envelope;
import io.shardguard.events.Envelope.Cause;
import io.shardguard.events.Event;
import io.shardguard.events.EventCodec;
import io.shardguard.events.EventCodec.UnreadableException;
import io.shardguard.events.GroupTopology;
import io.shardguard.events.MemberAddress;
import io.shardguard.events.Observation;
import io.shardguard.events.Observation.MemberStatus;
import io.shardguard.events.Observation.MemberView;
import io.shardguard.events.ProvisionerEvent.MemberExited;
import io.shardguard.events.Topics;
import io.shardguard.events.TransitionEvent.PromotionStarted;
import io.shardguard.events.TransitionEvent.StandbySealed;
import io.shardguard.failover.InputDecoder;
import io.shardguard.failover.InputDecoder.UndecidableException;
import io.shardguard.failover.core.Action;
import io.shardguard.failover.core.Action.Seal;
import io.shardguard.failover.core.ClusterState;
import io.shardguard.failover.core.Decision;
import io.shardguard.failover.core.DecisionCore;
import io.shardguard.failover.core.Input;
import io.shardguard.failover.core.Policy;
import io.shardguard.failover.replay.BasisWriter;
import io.shardguard.failover.replay.LogEntry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/**
 * Decides what failover-coordinator decides, from the same topics by the same core, and writes it
 * to {@link Topics#SHADOW_EVENTS} alone.
 *
 * <p>A group of which nothing is supposed stands as the live one has it: its topology is taken over
 * as it comes. Of one in which a member is supposed to be down the shadow goes its own way, up to
 * the choice of the candidate: sealing is supposed to succeed at the position that was seen last,
 * no other work has an outcome. With the choice the supposition ends, since what follows would be
 * seen on servers that were never touched.
 */
public final class Shadow {

  /** Distinguishes its events from those of a failover-coordinator. */
  public static final String SOURCE = LogEntry.SOURCE + "/shadow";

  private static final Duration STALE_AFTER = Duration.ofSeconds(10);
  private static final Duration KAFKA_ANSWERS_WITHIN = Duration.ofSeconds(30);
  private static final Duration POLL = Duration.ofMillis(100);

  private final String bootstrapServers;
  private final String cluster;
  private final DecisionCore core;
  private final ShadowWatcher watcher;
  private final BasisWriter basis;
  private final Clock clock = Clock.systemUTC();
  private final EventCodec codec = new EventCodec();
  private final InputDecoder decoder = new InputDecoder(STALE_AFTER);
  private final Supposed supposed = new Supposed();
  private final Map<String, String> stands = new HashMap<>();
  private final Map<Integer, GroupTopology> live = new HashMap<>();
  private final Map<String, Observation> seen = new TreeMap<>();
  private ClusterState state;
  private ShadowLog log;

  /**
   * A shadow of whoever decides for a cluster.
   *
   * @param policy the bounds that it decides by
   */
  public Shadow(String bootstrapServers, String cluster, Policy policy, ShadowWatcher watcher) {
    this.bootstrapServers = bootstrapServers;
    this.cluster = cluster;
    this.core = new DecisionCore(policy);
    this.basis = new BasisWriter("shadow-" + UUID.randomUUID(), policy);
    this.watcher = watcher;
  }

  /**
   * Follows the live topics from now on, supposes each fact at its time, and ends some time after
   * the last of them.
   *
   * @param linger how long after the last fact
   * @throws TimeoutException if Kafka does not answer in time
   * @throws IllegalStateException if the cluster's newest state cannot be read
   */
  public void run(List<RecordedFact> facts, Duration linger)
      throws TimeoutException, InterruptedException {
    KafkaTopics.createMissing(bootstrapServers, (short) 1, KAFKA_ANSWERS_WITHIN);
    try (ShadowLog opened = new ShadowLog(bootstrapServers);
        KafkaConsumer<String, byte[]> consumer = new CommittedLog(bootstrapServers).consumer()) {
      log = opened;
      assignToEnd(consumer);
      begin();
      Deque<RecordedFact> pending = new ArrayDeque<>(facts);
      Instant start = awaitSight(consumer);
      Duration length = facts.isEmpty() ? Duration.ZERO : facts.get(facts.size() - 1).after();
      Instant end = start.plus(length).plus(linger);
      while (clock.instant().isBefore(end)) {
        take(consumer.poll(POLL));
        while (!pending.isEmpty()
            && !start.plus(pending.getFirst().after()).isAfter(clock.instant())) {
          suppose(pending.removeFirst());
        }
      }
    } catch (org.apache.kafka.common.errors.TimeoutException e) {
      throw new TimeoutException("Kafka at " + bootstrapServers + " does not answer: " + e);
    }
  }

  private void assignToEnd(KafkaConsumer<String, byte[]> consumer) {
    List<TopicPartition> partitions =
        Stream.concat(InputDecoder.TOPICS.stream(), Stream.of(Topics.TOPOLOGY))
            .flatMap(topic -> consumer.partitionsFor(topic).stream())
            .map(p -> new TopicPartition(p.topic(), p.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToEnd(partitions);
    partitions.forEach(consumer::position);
  }

  private void begin() throws TimeoutException {
    Collection<GroupTopology> groups =
        new LogReader(bootstrapServers).groupStates(KAFKA_ANSWERS_WITHIN).newest(cluster).values();
    groups.forEach(group -> live.put(group.group(), group));
    state = ClusterState.of(cluster, groups);
  }

  /** Nothing can be supposed of members that nobody sees. */
  private Instant awaitSight(KafkaConsumer<String, byte[]> consumer)
      throws TimeoutException, InterruptedException {
    Instant giveUpAt = clock.instant().plus(KAFKA_ANSWERS_WITHIN);
    while (state.seen().isEmpty()) {
      if (clock.instant().isAfter(giveUpAt)) {
        throw new TimeoutException(
            "no observer said anything within " + KAFKA_ANSWERS_WITHIN.toSeconds() + " s");
      }
      take(consumer.poll(POLL));
    }
    return clock.instant();
  }

  private void take(Iterable<ConsumerRecord<String, byte[]>> rows)
      throws TimeoutException, InterruptedException {
    for (ConsumerRecord<String, byte[]> row : rows) {
      try {
        if (row.topic().equals(Topics.TOPOLOGY)) {
          takeOver(row);
        } else if (cluster.equals(row.key())) {
          tellLive(row);
          input(row);
        }
      } catch (UnreadableException | UndecidableException e) {
        // The live one puts it aside with its reason.
        System.getLogger(Shadow.class.getName())
            .log(System.Logger.Level.DEBUG, "passed over: {0}", e.getMessage());
      }
    }
  }

  private void takeOver(ConsumerRecord<String, byte[]> row) throws UnreadableException {
    if (row.value() != null && row.key().startsWith(cluster + "/")) {
      GroupTopology group = codec.readTopology(row.key(), row.value());
      live.put(group.group(), group);
      if (!supposed.concerns(group.group())) {
        state = state.with(group);
      }
    }
  }

  private void tellLive(ConsumerRecord<String, byte[]> row) throws UnreadableException {
    if (row.topic().equals(Topics.EVENTS)) {
      codec
          .readEvent(row.value())
          .filter(event -> event.source().equals(LogEntry.SOURCE))
          .ifPresent(event -> watcher.decidedLive(event.time(), event.data()));
    }
  }

  private void input(ConsumerRecord<String, byte[]> row)
      throws UnreadableException, UndecidableException, TimeoutException, InterruptedException {
    Instant at = Instant.ofEpochMilli(row.timestamp());
    Optional<Input> input = decoder.decode(row, clock.instant()).input();
    if (input.isEmpty() || decoder.isStale(input.get(), at, clock.instant())) {
      return;
    }
    decide(asSupposed(input.get()), at, Optional.of(cause(row)));
  }

  private static Cause cause(ConsumerRecord<?, ?> row) {
    return new Cause(row.topic(), row.partition(), row.offset());
  }

  private Input asSupposed(Input input) {
    if (!(input instanceof Input.Observed(var observation))) {
      return input;
    }
    seen.put(observation.observer(), observation);
    return new Input.Observed(supposed.seen(observation));
  }

  // ---- what is supposed

  private void suppose(RecordedFact fact) throws TimeoutException, InterruptedException {
    Instant now = clock.instant();
    switch (fact.kind()) {
      case DOWN -> {
        Optional<MemberAddress> member = standsFor(fact);
        if (member.isEmpty()) {
          watcher.supposed(
              now,
              fact.member() + " of group " + fact.group() + " has nobody here to stand for it");
          return;
        }
        down(fact, member.get(), now);
      }
      case EXITED -> {
        String member = stands.get(fact.member());
        if (member != null && supposed.isGone(member)) {
          watcher.supposed(now, member + " has ended: " + String.join("; ", fact.words()));
          Event exited = new MemberExited(fact.group(), member, String.join("; ", fact.words()));
          decide(new Input.Happened(exited), now, Optional.empty());
        }
      }
      case UP -> {
        String member = stands.remove(fact.member());
        if (member != null && supposed.isGone(member)) {
          supposed.end(member);
          watcher.supposed(now, member + " is there again");
          asLive(fact.group());
        }
      }
    }
  }

  private void down(RecordedFact fact, MemberAddress member, Instant now)
      throws TimeoutException, InterruptedException {
    stands.put(fact.member(), member.name());
    supposed.begin(fact.group(), member, fact.diagnosis(), now);
    watcher.supposed(
        now,
        member.name()
            + " is down ("
            + fact.diagnosis()
            + "), as recorded: "
            + String.join("; ", fact.words()));
    for (Observation observation : List.copyOf(seen.values())) {
      if (supposed.isGone(member.name())) {
        decide(new Input.Observed(supposed.seen(observation)), now, Optional.empty());
      }
    }
  }

  /** Who is now what the incident's member was then. */
  private Optional<MemberAddress> standsFor(RecordedFact fact) {
    GroupTopology group = live.get(fact.group());
    if (group == null || group.primary() == null) {
      return Optional.empty();
    }
    return fact.place() == 0
        ? group.member(group.primary())
        : group.standbys().stream().skip(fact.place() - 1L).findFirst();
  }

  /** As it is, unless something else is supposed about it; and so is what was seen. */
  private void asLive(int group) {
    if (!supposed.concerns(group)) {
      state = state.with(live.get(group));
    }
    Map<String, Observation> believed = new TreeMap<>();
    seen.forEach((observer, real) -> believed.put(observer, supposed.seen(real)));
    state = state.believing(believed, state.rogues());
  }

  // ---- deciding

  private void decide(Input input, Instant at, Optional<Cause> cause)
      throws TimeoutException, InterruptedException {
    Decision decision = core.decide(state, input, at);
    if (!decision.events().isEmpty()) {
      Basis rested = basis.of(state, input, decision);
      write(decision.events(), at, cause, rested);
      watcher.decided(at, decision.events(), rested.asked());
    }
    cause.ifPresent(basis::taken);
    state = decision.state();
    boolean chosen = false;
    for (Event event : decision.events()) {
      if (event instanceof PromotionStarted e && supposed.concerns(e.group())) {
        supposed.endAll(e.group());
        asLive(e.group());
        watcher.supposed(at, "group " + e.group() + " is followed no further: it stands as it is");
        chosen = true;
      }
    }
    if (!chosen) {
      for (Input.Done done : outcomes(decision.actions())) {
        decide(done, at, Optional.empty());
      }
    }
  }

  private void write(List<Event> events, Instant at, Optional<Cause> cause, Basis rested)
      throws TimeoutException, InterruptedException {
    Optional<Basis> carried = Optional.of(rested);
    for (Event event : events) {
      Envelope<Event> envelope =
          EventCodec.envelope(
              UUID.randomUUID().toString(), SOURCE, at, cluster, cause.stream().toList(), event);
      log.write(envelope, carried);
      carried = Optional.empty();
    }
  }

  /** Sealing succeeds, on whoever is there; nothing else is known to have come to anything. */
  private List<Input.Done> outcomes(List<Action> actions) {
    List<Input.Done> done = new ArrayList<>();
    for (Action action : actions) {
      if (action instanceof Seal seal && supposed.concerns(seal.group())) {
        state
            .view(seal.member())
            .filter(MemberView::upInRecovery)
            .map(view -> sealed(seal, view.status()))
            .ifPresent(event -> done.add(new Input.Done(seal, Optional.of(event))));
      }
    }
    return done;
  }

  private static Event sealed(Seal seal, MemberStatus last) {
    return new StandbySealed(
        seal.group(), seal.transition(), seal.member(), last.timeline(), last.flushLsn(), 0);
  }
}
