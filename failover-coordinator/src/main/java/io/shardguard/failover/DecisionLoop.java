package io.shardguard.failover;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.shardguard.eventlog.GroupStates;
import io.shardguard.eventlog.LogReader;
import io.shardguard.events.Envelope.Cause;
import io.shardguard.events.EventCodec.UnreadableException;
import io.shardguard.events.GroupTopology;
import io.shardguard.failover.InputDecoder.UndecidableException;
import io.shardguard.failover.core.ClusterState;
import io.shardguard.failover.core.DecisionCore;
import io.shardguard.failover.core.Input;
import io.shardguard.failover.replay.BasisWriter;
import io.shardguard.failpoints.Failpoints;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.WakeupException;
import org.jboss.logging.Logger;

/**
 * The loop of this service: read a record, decide, commit, act. The consumer group gives each
 * cluster to one instance; a transactional producer per partition fences the one before.
 *
 * <p>One thread does all of it, so that a cluster's inputs are handled one after the other. Actions
 * run elsewhere; what came of them is queued and wakes the loop.
 */
@ApplicationScoped
public class DecisionLoop {

  private static final Logger LOG = Logger.getLogger(DecisionLoop.class);
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration KAFKA_ANSWERS_WITHIN = Duration.ofSeconds(30);
  private static final Duration PAUSE_AFTER_TROUBLE = Duration.ofSeconds(1);
  private static final Duration OFFSETS_EVERY = Duration.ofSeconds(5);

  private final FailoverConfig config;
  private final DecisionCore core;
  private final KafkaClients kafka;
  private final Vertx vertx;
  private final MeterRegistry meters;
  private final Clock clock = Clock.systemUTC();
  private final InputDecoder decoder;
  private final Queue<Outcome> outcomes = new ConcurrentLinkedQueue<>();
  private final Map<Integer, Partition> partitions = new HashMap<>();
  private final Map<TopicPartition, Long> read = new ConcurrentHashMap<>();
  private final Map<String, ClusterState> owned = new ConcurrentHashMap<>();
  private volatile KafkaConsumer<String, byte[]> consumer;
  private volatile Instant lastPoll = Instant.EPOCH;
  private volatile boolean stopping;
  private volatile boolean fenced;
  private volatile String trouble = "";
  private final Map<String, String> unreadable = new ConcurrentHashMap<>();
  private Instant offsetsCommitted = Instant.EPOCH;
  private Thread thread;

  /** What came of an action, on its way back to the loop. */
  private record Outcome(int partition, String cluster, Input.Done done) {}

  /** A partition that this instance owns: its producer, and its clusters. */
  private record Partition(
      Producer<String, byte[]> producer, GroupStates states, Map<String, ClusterOwner> clusters) {}

  @Inject
  DecisionLoop(FailoverConfig config, KafkaClients kafka, Vertx vertx, MeterRegistry meters) {
    this.config = config;
    this.core = new DecisionCore(config.failover().policy());
    this.decoder = new InputDecoder(config.failover().staleAfter());
    this.kafka = kafka;
    this.vertx = vertx;
    this.meters = meters;
  }

  void start(@Observes StartupEvent event) {
    thread = Thread.ofPlatform().name("decisions").start(this::run);
  }

  void stop(@Observes ShutdownEvent event) throws InterruptedException {
    stopping = true;
    wake();
    thread.join(Duration.ofSeconds(10));
  }

  /** The clusters that this instance decides for, with what it believes of them. */
  public Map<String, ClusterState> owned() {
    return Map.copyOf(owned);
  }

  /** The next offset to be read, by topic and partition. */
  public Map<TopicPartition, Long> read() {
    return Map.copyOf(read);
  }

  /** When Kafka last answered this instance's poll. */
  public Instant lastPoll() {
    return lastPoll;
  }

  /**
   * Another instance took over while this one believed to own a cluster: it must do nothing more.
   */
  public boolean fenced() {
    return fenced;
  }

  /** What keeps this instance from deciding; empty if nothing does. */
  public String trouble() {
    return unreadable.isEmpty() ? trouble : String.join("; ", unreadable.values());
  }

  private void run() {
    while (!stopping && !fenced) {
      try {
        consume();
      } catch (ProducerFencedException | InvalidProducerEpochException e) {
        fenced = true;
        LOG.error("Another instance owns this instance's clusters: stopping at once", e);
      } catch (WakeupException e) {
        LOG.debug("stopping");
      } catch (TimeoutException | RuntimeException e) {
        trouble = String.valueOf(e.getMessage());
        LOG.warnf(e, "Trouble: what was not committed is decided again");
        pause();
      } finally {
        letGo();
      }
    }
    if (fenced) {
      Quarkus.asyncExit(1);
    }
  }

  private void consume() throws TimeoutException {
    try (KafkaConsumer<String, byte[]> opened = kafka.consumer()) {
      consumer = opened;
      opened.subscribe(InputDecoder.TOPICS, new LetGoOnRebalance());
      while (!stopping) {
        Iterable<ConsumerRecord<String, byte[]>> rows = poll(opened);
        takeOutcomes();
        for (ConsumerRecord<String, byte[]> row : rows) {
          take(row);
        }
        commitDecisions();
        commitOffsets(opened);
        trouble = "";
      }
    } finally {
      consumer = null;
    }
  }

  private Iterable<ConsumerRecord<String, byte[]>> poll(KafkaConsumer<String, byte[]> from) {
    Iterable<ConsumerRecord<String, byte[]>> rows;
    try {
      rows = from.poll(outcomes.isEmpty() ? POLL : Duration.ZERO);
    } catch (WakeupException e) {
      // An outcome came in: see to it first.
      rows = List.of();
    }
    if (!from.assignment().isEmpty()) {
      lastPoll = clock.instant();
    }
    return rows;
  }

  private void take(ConsumerRecord<String, byte[]> row) throws TimeoutException {
    Optional<ClusterOwner> owner =
        row.key() == null ? Optional.empty() : owner(row.partition(), row.key());
    Optional<Input> input = decode(row);
    if (owner.isPresent() && input.isPresent()) {
      Instant at = Instant.ofEpochMilli(row.timestamp());
      if (decoder.isStale(input.get(), at, clock.instant())) {
        meters.counter("shardguard.inputs.stale").increment();
      } else {
        decide(owner.get(), input.get(), row, at);
      }
      if (input.get() instanceof Input.Observed) {
        owner.get().keepSessionsOpen();
      }
    }
    read.put(new TopicPartition(row.topic(), row.partition()), row.offset() + 1);
  }

  /**
   * A record that the core cannot take is a bug or a lie; the others are decided on all the same.
   */
  private void decide(
      ClusterOwner owner, Input input, ConsumerRecord<String, byte[]> row, Instant at) {
    try {
      Cause cause = new Cause(row.topic(), row.partition(), row.offset());
      owner.take(input, at, Optional.of(cause));
    } catch (RuntimeException e) {
      meters.counter("shardguard.records.undecidable", "topic", row.topic()).increment();
      LOG.errorf(
          e, "%s/%d@%d goes to the dlq: no decision", row.topic(), row.partition(), row.offset());
      kafka.toDlq(row, e);
    }
  }

  private void commitDecisions() {
    for (Partition partition : partitions.values()) {
      partition
          .clusters()
          .forEach((cluster, owner) -> {
            owner.commit();
            owned.put(cluster, owner.state());
          });
    }
  }

  private void takeOutcomes() {
    for (Outcome next = outcomes.poll(); next != null; next = outcomes.poll()) {
      Partition partition = partitions.get(next.partition());
      if (partition != null && partition.clusters().containsKey(next.cluster())) {
        ClusterOwner owner = partition.clusters().get(next.cluster());
        owner.take(next.done(), clock.instant(), Optional.empty());
      }
    }
  }

  private Optional<Input> decode(ConsumerRecord<String, byte[]> row) {
    try {
      InputDecoder.Decoded decoded = decoder.decode(row, clock.instant());
      if (decoded.unknown()) {
        meters.counter("shardguard.records.unknown", "topic", row.topic()).increment();
      }
      return decoded.input();
    } catch (UnreadableException | UndecidableException e) {
      meters.counter("shardguard.records.unreadable", "topic", row.topic()).increment();
      LOG.warnf(
          "%s/%d@%d goes to the dlq: %s",
          row.topic(), row.partition(), row.offset(), e.getMessage());
      kafka.toDlq(row, e);
      return Optional.empty();
    }
  }

  /**
   * The owner of a cluster; the first contact fences the instance before, then reads what it left.
   * Empty if that cannot be read: a state that is not known is not that of a group that never was.
   */
  private Optional<ClusterOwner> owner(int partition, String cluster) throws TimeoutException {
    Partition own = partitions.get(partition);
    if (own == null) {
      own = takeOver(partition);
      partitions.put(partition, own);
    }
    ClusterOwner known = own.clusters().get(cluster);
    if (known == null && !unreadable.containsKey(cluster)) {
      known = newOwner(partition, own, cluster);
    }
    return Optional.ofNullable(known);
  }

  private Partition takeOver(int partition) throws TimeoutException {
    KafkaProducer<String, byte[]> producer = kafka.transactionalProducer(partition);
    try {
      producer.initTransactions();
      GroupStates states =
          new LogReader(kafka.bootstrapServers()).groupStates(KAFKA_ANSWERS_WITHIN);
      LOG.infof("partition=%d taken over", partition);
      return new Partition(producer, states, new HashMap<>());
    } catch (KafkaException | TimeoutException e) {
      producer.close(Duration.ZERO);
      throw e;
    }
  }

  /** Null if the cluster's state cannot be read. */
  private ClusterOwner newOwner(int partition, Partition own, String cluster) {
    Collection<GroupTopology> groups;
    try {
      groups = own.states().newest(cluster).values();
    } catch (IllegalStateException e) {
      LOG.errorf("cluster=%s nothing is decided: %s", cluster, e.getMessage());
      unreadable.put(cluster, e.getMessage());
      return null;
    }
    String generation = kafka.instance() + "-" + Long.toString(clock.millis(), Character.MAX_RADIX);
    ClusterState state = ClusterState.of(cluster, groups);
    LOG.infof("cluster=%s owned by %s, groups=%s", cluster, generation, state.groups().keySet());
    ClusterOwner owner =
        new ClusterOwner(
            core,
            state,
            new BasisWriter(generation, config.failover().policy()),
            new DecisionTransaction(own.producer(), () -> consumer.groupMetadata()),
            new Lanes(vertx, config, generation),
            config,
            Failpoints.in(config.failpoints().dir()),
            done -> {
              outcomes.add(new Outcome(partition, cluster, done));
              wake();
            });
    own.clusters().put(cluster, owner);
    owner.keepSessionsOpen();
    return owner;
  }

  private void wake() {
    KafkaConsumer<String, byte[]> waiting = consumer;
    if (waiting != null) {
      waiting.wakeup();
    }
  }

  /** Records that led to no decision are passed, too; a repetition of them would do no harm. */
  private void commitOffsets(KafkaConsumer<String, byte[]> from) {
    if (offsetsCommitted.plus(OFFSETS_EVERY).isBefore(clock.instant())) {
      from.commitAsync();
      offsetsCommitted = clock.instant();
    }
  }

  private void letGo() {
    partitions.values().forEach(this::close);
    partitions.clear();
    owned.clear();
    unreadable.clear();
    read.clear();
    outcomes.clear();
  }

  private void close(Partition partition) {
    partition.clusters().values().forEach(ClusterOwner::close);
    partition.producer().close(Duration.ZERO);
  }

  private void pause() {
    try {
      Thread.sleep(PAUSE_AFTER_TROUBLE);
    } catch (InterruptedException e) {
      stopping = true;
    }
  }

  /** A cluster that goes to another instance is left at once, sessions included. */
  private final class LetGoOnRebalance implements ConsumerRebalanceListener {
    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> revoked) {
      for (TopicPartition lost : revoked) {
        read.remove(lost);
        Partition own = partitions.remove(lost.partition());
        if (own != null) {
          own.clusters().keySet().forEach(owned::remove);
          close(own);
        }
      }
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> assigned) {
      LOG.infof("assigned %s", assigned);
    }
  }
}
