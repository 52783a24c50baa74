package io.shardguard.healthmonitor;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.shardguard.events.GroupTopology;
import io.shardguard.events.MemberAddress;
import io.shardguard.events.ProvisionerEvent.MemberExited;
import io.shardguard.events.ProvisionerEvent.MemberStarted;
import io.shardguard.healthmonitor.core.Findings;
import io.shardguard.healthmonitor.core.Limits;
import io.shardguard.healthmonitor.core.ProbeResult;
import io.shardguard.healthmonitor.core.ProbeResult.NewSession;
import io.shardguard.healthmonitor.core.Watch;
import io.shardguard.healthmonitor.core.Watch.Declared;
import io.shardguard.healthmonitor.core.Watched;
import io.shardguard.healthmonitor.probe.Logins;
import io.shardguard.healthmonitor.probe.MemberProbe;
import io.shardguard.healthmonitor.probe.ProbeTimes;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * The service's loop: probes report, the core judges, the outbox tells. All of it runs on one event
 * loop, so that the watch is changed by one thread; others read the last value.
 */
@ApplicationScoped
public class MonitorLoop {

  private static final Logger LOG = Logger.getLogger(MonitorLoop.class);
  private static final long SOON_MILLIS = 20;

  private final Vertx vertx;
  private final MonitorConfig config;
  private final String cluster;
  private final Outbox outbox;
  private final Journal journal;
  private final MonitorMetrics metrics;
  private final Clock clock = Clock.systemUTC();
  private final MemberList memberList = new MemberList();
  private final Map<MemberAddress, MemberProbe> probes = new LinkedHashMap<>();

  private final Logins logins;
  private volatile Watch watch;
  private volatile Context loop;
  private Instant observed = Instant.EPOCH;
  private Duration sinceRound = Duration.ZERO;

  @Inject
  MonitorLoop(
      Vertx vertx,
      MonitorConfig config,
      @ConfigProperty(name = "shardguard.cluster") String cluster,
      @ConfigProperty(name = "shardguard.secrets-dir") Path secrets,
      Outbox outbox,
      MonitorMetrics metrics) {
    this.vertx = vertx;
    this.config = config;
    this.cluster = cluster;
    this.outbox = outbox;
    this.metrics = metrics;
    this.journal = new Journal(cluster);
    Limits limits = Settings.limits(config);
    this.logins = new Logins(config.role(), config.database(), secrets);
    this.watch = Watch.begin(config.observer(), limits, clock.instant());
  }

  void start(@Observes StartupEvent event) {
    LOG.infof("cluster=%s observer=%s starts to watch", cluster, config.observer());
    vertx.deployVerticle(
        new AbstractVerticle() {
          @Override
          public void start() {
            loop = context;
            vertx.setPeriodic(config.probe().suspectInterval().toMillis(), t -> tick());
          }
        });
  }

  void stop(@Observes ShutdownEvent event) {
    onLoop(() -> probes.values().forEach(MemberProbe::stop));
  }

  /** What is known now. */
  public Watch watch() {
    return watch;
  }

  /** Every member has answered or failed at least once. */
  public boolean everyMemberProbed() {
    return watch.members().values().stream()
        .allMatch(m -> m.history().answer() != null || m.history().failure() != null);
  }

  /** The wanted cluster was declared. */
  public void declared(List<Declared> members, Instant at) {
    onLoop(() -> memberList.declared(members, at).ifPresent(this::members));
  }

  /** A group's newest state was decided. */
  public void decided(GroupTopology group) {
    onLoop(() -> {
      watch = watch.decided(group);
      memberList.decided(group).ifPresent(this::members);
      look();
    });
  }

  /** A member's process was started. */
  public void started(MemberStarted start, Instant at) {
    onLoop(() -> watch = watch.started(start.member(), at));
  }

  /** The runtime saw the end of a member's process. */
  public void exited(MemberExited exit, Instant at) {
    onLoop(() -> {
      watch = watch.exited(exit.member(), at, exit.reason());
      look();
    });
  }

  private void onLoop(Runnable action) {
    Context context = loop;
    if (context == null) {
      // Kafka was faster than the loop's deployment.
      vertx.setTimer(SOON_MILLIS, t -> onLoop(action));
    } else {
      context.runOnContext(v -> action.run());
    }
  }

  private void members(List<Declared> members) {
    watch = watch.declared(members, clock.instant());
    List<MemberAddress> wanted = members.stream().map(Declared::address).toList();
    probes
        .entrySet()
        .removeIf(known -> {
          boolean gone = !wanted.contains(known.getKey());
          if (gone) {
            known.getValue().stop();
          }
          return gone;
        });
    wanted.forEach(address -> probes.computeIfAbsent(address, this::probe));
    metrics.members(wanted.stream().map(MemberAddress::name).toList());
    LOG.infof("cluster=%s watches %d members: %s", cluster, members.size(), wanted);
    tick();
  }

  private MemberProbe probe(MemberAddress member) {
    MonitorConfig.Probe probe = config.probe();
    ProbeTimes times =
        new ProbeTimes(
            probe.timeout(),
            probe.connectInterval(),
            probe.connectTimeout(),
            probe.connectGiveUp(),
            probe.connectGiveUpMax());
    return new MemberProbe(
        vertx, clock, member, logins, times, (result, took) -> result(member.name(), result, took));
  }

  /** Asks those whose turn it is: everybody in each round, and where somebody fails in between. */
  private void tick() {
    sinceRound = sinceRound.plus(config.probe().suspectInterval());
    boolean round = sinceRound.compareTo(config.probe().interval()) >= 0;
    if (round) {
      sinceRound = sinceRound.minus(config.probe().interval());
    }
    for (Watched member : watch.members().values()) {
      if (round || !watch.allAnswer(member.group())) {
        probes.get(member.address()).tick();
      }
    }
    look();
  }

  private void result(String member, ProbeResult result, Duration took) {
    if (!(result instanceof NewSession)) {
      metrics.probed(member, took);
    }
    Watched before = watch.members().get(member);
    watch = watch.after(member, result, clock.instant());
    journal.result(before, watch.members().get(member));
    look();
  }

  /** Judges, and tells: events first, then the view that they belong to. */
  private void look() {
    Instant now = clock.instant();
    Watch before = watch;
    Findings findings = before.look(now);
    watch = findings.next();
    if (!findings.events().isEmpty()) {
      outbox.publish(findings.events(), now);
    }
    boolean due =
        Duration.between(observed, now).compareTo(config.observeEvery()) >= 0
            || now.isBefore(observed);
    if (findings.changed() || due) {
      observed = now;
      outbox.observe(findings.observation());
      metrics.verdicts(findings.observation());
    }
    journal.look(before, findings);
    findings.ask().forEach(witness -> probes.get(watch.members().get(witness).address()).askNow());
  }
}
