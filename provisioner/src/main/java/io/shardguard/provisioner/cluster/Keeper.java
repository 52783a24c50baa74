package io.shardguard.provisioner.cluster;

import io.micrometer.core.instrument.MeterRegistry;
import io.shardguard.clusterspec.ClusterSpec;
import io.shardguard.clusterspec.ClusterSpecException;
import io.shardguard.clusterspec.ClusterSpecReader;
import io.shardguard.clusterspec.GroupSpec;
import io.shardguard.eventlog.KafkaTopics;
import io.shardguard.eventlog.LogReader;
import io.shardguard.events.Event;
import io.shardguard.events.GroupTopology;
import io.shardguard.events.ProvisionerEvent.ClusterDeclared;
import io.shardguard.events.ProvisionerEvent.Group;
import io.shardguard.events.ProvisionerEvent.MemberExited;
import io.shardguard.failpoints.Failpoints;
import io.shardguard.provisioner.member.MemberLoop;
import io.shardguard.provisioner.member.MemberSql;
import io.shardguard.provisioner.member.MemberWorks;
import io.shardguard.provisioner.member.NewestTopology;
import io.shardguard.provisioner.member.RogueCheck;
import io.shardguard.provisioner.member.Secrets;
import io.shardguard.provisioner.runtime.Member;
import io.shardguard.provisioner.runtime.MemberRuntime;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Keeps the declared members running: begins, adopts what runs, has a loop for each member, and
 * ends.
 */
@ApplicationScoped
public class Keeper {

  private static final Logger LOG = Logger.getLogger(Keeper.class);
  private static final Duration KAFKA = Duration.ofSeconds(10);

  /** A transaction that its producer left open is aborted after 15 s. */
  private static final Duration NEWEST = Duration.ofSeconds(20);

  private static final Duration LOOP_END = Duration.ofSeconds(5);

  private final ProvisionerConfig config;
  private final String kafka;
  private final KnownTopology topology;
  private final Announcer announcer;
  private final Vertx vertx;
  private final MeterRegistry metrics;
  private final Map<String, MemberLoop> loops = new ConcurrentHashMap<>();
  private final List<Thread> threads = new CopyOnWriteArrayList<>();
  private final long begunAt = System.nanoTime();
  private final Fence.Aftermath aftermath =
      new Fence.Aftermath() {
        @Override
        public void rogue(Member member) throws IOException {
          loops.get(member.name()).rogue();
        }

        @Override
        public void fenced(Member member) {
          loops.get(member.name()).fenced();
        }
      };
  private volatile MemberRuntime runtime;
  private volatile Fence fence;
  private volatile boolean stopping;
  private volatile String trouble = "has not begun yet";
  private volatile Installation installation;

  @Inject
  Keeper(
      ProvisionerConfig config,
      @ConfigProperty(name = "kafka.bootstrap.servers") String kafka,
      KnownTopology topology,
      Announcer announcer,
      Vertx vertx,
      MeterRegistry metrics) {
    this.config = config;
    this.kafka = kafka;
    this.topology = topology;
    this.announcer = announcer;
    this.vertx = vertx;
    this.metrics = metrics;
  }

  /**
   * Begins: waits for Kafka, adopts what runs, keeps all members from then on. Tried again, with
   * the reason in {@link #trouble}, until it succeeds or the thread is interrupted.
   */
  void begin() throws InterruptedException {
    while (true) {
      try {
        beginOnce();
        trouble = "";
        return;
      } catch (ClusterSpecException | IOException | TimeoutException | RuntimeException e) {
        trouble = e.getMessage();
        LOG.errorf("cluster=%s cannot begin yet: %s", config.cluster(), e.getMessage());
      }
      Thread.sleep(1000);
    }
  }

  private void beginOnce()
      throws ClusterSpecException, IOException, TimeoutException, InterruptedException {
    ClusterSpec spec = declared();
    Secrets secrets = new Secrets(config.secretsDir());
    Installation found =
        Installation.find(config.postgresBin(), config.engine(), runtime(spec, secrets));
    trouble = "waits for Kafka at " + kafka;
    KafkaTopics.createMissing(kafka, config.topicReplicas(), KAFKA);
    long end = LogEnd.ofTopology(kafka, KAFKA);
    topology.begin(new LogReader(kafka).groupStates(KAFKA).newest(config.cluster()).values(), end);
    installation = found;
    announcer.publish(new ClusterDeclared(groups(spec), found.engine(), found.engineVersion()));
    keep(spec, secrets, found);
  }

  /** Opened once, however often the beginning is tried. */
  private MemberRuntime runtime(ClusterSpec spec, Secrets secrets)
      throws IOException, InterruptedException {
    if (runtime == null) {
      runtime = Runtimes.open(spec, config, secrets);
      runtime.onExit(this::exited);
    }
    return runtime;
  }

  private ClusterSpec declared() throws ClusterSpecException {
    ClusterSpec spec =
        ClusterSpecReader.read(config.clusterFile(), config.portBase(), config.memberNetwork());
    if (!spec.cluster().equals(config.cluster())) {
      throw new IllegalStateException(
          config.clusterFile()
              + " declares the cluster "
              + spec.cluster()
              + ", but shardguard.cluster is "
              + config.cluster()
              + ": make them the same");
    }
    return spec;
  }

  private void keep(ClusterSpec spec, Secrets secrets, Installation found) {
    MemberSql sql = new MemberSql(vertx, secrets.directory());
    NewestTopology newest =
        group ->
            Optional.ofNullable(
                new LogReader(kafka)
                    .topologyBehindOpenTransactions(NEWEST)
                    .get(config.cluster() + "/" + group));
    Failpoints failpoints = Failpoints.in(config.failpointsDir());
    fence =
        new Fence(
            this::member,
            runtime,
            announcer,
            newest,
            new RogueCheck(sql, newest),
            InstantSource.system(),
            aftermath,
            failpoints);
    MemberWorks works =
        new MemberWorks(
            spec,
            config.memberNetwork(),
            config.postgresBin(),
            found.postgresMajor(),
            found.citus(),
            runtime,
            sql,
            secrets,
            announcer,
            topology::of,
            newest,
            config.keepBeforeRewindUpTo().asLongValue(),
            failpoints);
    spec.groups().forEach(group -> prepareLoops(group, works));
    loops.values().forEach(MemberLoop::takeOver);
    topology.onChange(this::changed);
    for (GroupSpec group : spec.groups()) {
      Optional.ofNullable(topology.of(group.group())).ifPresent(g -> changed(g, Instant.now()));
    }
    loops.values().forEach(loop -> run("member-" + loop.member().name(), loop));
    ClusterSetup setup =
        new ClusterSetup(
            spec,
            found,
            config.standinDir(),
            sql,
            topology,
            announcer,
            runtime,
            this::member,
            config.postgresBin(),
            begunAt);
    run("cluster-setup", setup);
  }

  private void prepareLoops(GroupSpec group, MemberWorks works) {
    List<Member> members =
        group.members().stream()
            .map(address -> new Member(group.group(), address, runtime.files(address.name())))
            .toList();
    for (Member member : members) {
      loops.put(member.name(), new MemberLoop(works, member, members, fence));
      metrics.gauge(
          "shardguard.member.running",
          List.of(
              io.micrometer.core.instrument.Tag.of("member", member.name()),
              io.micrometer.core.instrument.Tag.of("group", Integer.toString(member.group()))),
          member,
          m -> runtime.pid(m).isPresent() ? 1 : 0);
    }
  }

  private void run(String name, Runnable loop) {
    threads.add(Thread.ofVirtual().name(name).start(loop));
  }

  private static List<Group> groups(ClusterSpec spec) {
    return spec.groups().stream().map(group -> new Group(group.group(), group.members())).toList();
  }

  private void exited(Member member, String end) {
    boolean diskFull = loops.get(member.name()).diskFull();
    String reason = diskFull ? end + "; its disk is full" : end;
    if (!stopping) {
      announcer.publish(new MemberExited(member.group(), member.name(), reason));
    }
    loops.get(member.name()).exited();
    LOG.infof("group=%d member=%s ended: %s", member.group(), member.name(), reason);
  }

  private void changed(GroupTopology group, Instant said) {
    fence.heed(group, said);
    loops.values().stream()
        .filter(loop -> loop.member().group() == group.group())
        .forEach(MemberLoop::wake);
  }

  /**
   * Hears an event of the cluster. Does not block.
   *
   * @param said when it was published
   */
  void heard(Event event, Instant said) {
    if (fence == null) {
      return; // What was open then is in the topology.
    }
    fence.heed(event, said);
  }

  /**
   * Stops every member, primaries first so that their standbys receive all, and keeps none until
   * the next start of this service. Returns when all have ended.
   */
  void stopMembers() throws InterruptedException {
    stopping = true;
    endLoops();
    if (runtime == null) {
      return;
    }
    List<Member> members = loops.values().stream().map(MemberLoop::member).toList();
    stopAll(members.stream().filter(this::isPrimary).toList());
    stopAll(members.stream().filter(member -> !isPrimary(member)).toList());
  }

  private void stopAll(List<Member> members) throws InterruptedException {
    List<Thread> stops =
        members.stream().map(member -> Thread.ofVirtual().start(() -> stopOne(member))).toList();
    for (Thread stop : stops) {
      stop.join();
    }
  }

  private void stopOne(Member member) {
    try {
      runtime.stop(member, Duration.ofSeconds(30));
    } catch (IOException e) {
      LOG.errorf(
          "group=%d member=%s does not stop: %s", member.group(), member.name(), e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean isPrimary(Member member) {
    GroupTopology group = topology.of(member.group());
    return group != null && member.name().equals(group.primary());
  }

  /**
   * Ends the loops, with the work that they are at; copies and rewinds are begun anew at the next
   * start.
   */
  private void endLoops() throws InterruptedException {
    loops.values().forEach(MemberLoop::stop);
    threads.forEach(Thread::interrupt);
    for (Thread thread : threads) {
      thread.join(LOOP_END);
    }
  }

  /** Ends, and lets the members run on. */
  void end() throws InterruptedException {
    endLoops();
    if (fence != null) {
      fence.close();
    }
    if (runtime != null) {
      runtime.close();
    }
  }

  /** What keeps the service from its work; empty if nothing does. */
  String trouble() {
    return trouble;
  }

  /** What keeps the runtime of the members from its work; empty if nothing does. */
  String runtimeTrouble() {
    return runtime == null ? "" : runtime.trouble();
  }

  /** The members were stopped on request and are not kept. */
  boolean stopping() {
    return stopping;
  }

  /** What is installed; null before the beginning. */
  Installation installation() {
    return installation;
  }

  /** The loop of each member. */
  List<MemberLoop> loops() {
    return List.copyOf(loops.values());
  }

  /** The process id of a member's postmaster, 0 if it does not run. */
  long pid(Member member) {
    return runtime.pid(member).orElse(0);
  }

  private Optional<Member> member(String name) {
    return Optional.ofNullable(name).map(loops::get).map(MemberLoop::member);
  }
}
