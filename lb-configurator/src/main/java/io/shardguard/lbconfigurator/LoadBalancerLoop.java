package io.shardguard.lbconfigurator;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.shardguard.lbconfigurator.LbConfig.HaproxySettings;
import io.shardguard.lbconfigurator.TopologyView.Snapshot;
import io.shardguard.lbconfigurator.core.HaproxyConfig;
import io.shardguard.lbconfigurator.core.HaproxyConfigRenderer;
import io.shardguard.lbconfigurator.core.Routes;
import io.shardguard.lbconfigurator.core.UnsafeTopologyException;
import io.shardguard.lbconfigurator.haproxy.Haproxy;
import io.shardguard.lbconfigurator.haproxy.Haproxy.Switched;
import io.shardguard.lbconfigurator.haproxy.RejectedException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Brings HAProxy to what the topology asks for, and keeps it there. Each round, from the newest
 * topology: switch the running process (milliseconds), then write the file and reload. These two
 * only make a switch durable: the file's validation takes a busy machine some hundred milliseconds,
 * and for a reload's tenth of a second HAProxy takes no commands. So they wait until no failover is
 * under way. Should HAProxy die in between, it starts with the routes of before, for as long as the
 * next round takes: the member that they lead to was sealed before it was replaced.
 */
@ApplicationScoped
class LoadBalancerLoop {

  private static final Logger LOG = Logger.getLogger(LoadBalancerLoop.class);

  /**
   * A configuration that was rejected is tried again this much later: a port may have become free.
   */
  private static final Duration REJECTED_PAUSE = Duration.ofSeconds(30);

  private static final Duration TOPOLOGY_PAUSE = Duration.ofSeconds(1);

  private final TopologyView view;
  private final HaproxyConfigRenderer renderer;
  private final Haproxy haproxy;
  private final Reports reports;
  private final HaproxySettings settings;
  private volatile Status status = Status.STARTING;
  private Thread thread;

  private String confirmedHash = "";
  private String rejectedHash; // null while nothing is rejected
  private long rejectedAt;
  private String wantedHash = "";
  private long wantedSince;
  private int cut;

  @Inject
  LoadBalancerLoop(
      TopologyView view,
      HaproxyConfigRenderer renderer,
      Haproxy haproxy,
      Reports reports,
      LbConfig config) {
    this.view = view;
    this.renderer = renderer;
    this.haproxy = haproxy;
    this.reports = reports;
    this.settings = config.haproxy();
  }

  void start(@Observes StartupEvent started) {
    thread = Thread.ofPlatform().name("load-balancer").start(this::run);
  }

  void stop(@Observes ShutdownEvent stopped) throws InterruptedException {
    thread.interrupt();
    thread.join(settings.deadline());
  }

  /** Where the loop stands now. */
  Status status() {
    return status;
  }

  private void run() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        long seen = view.version();
        Optional<Snapshot> snapshot = view.snapshot();
        Duration pause = snapshot.isEmpty() ? TOPOLOGY_PAUSE : round(snapshot.get());
        view.awaitChangeSince(seen, pause.toNanos());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** One round; says after what time another is due if the topology stays as it is. */
  private Duration round(Snapshot topology) throws InterruptedException {
    if (!Routes.known(topology.groups(), topology.unreadable())) {
      status =
          status.with(
              status.runningHash(),
              false,
              "HAProxy stays as it is: the coordinator's state cannot be read, and none before it is known");
      return settings.verifyInterval();
    }
    HaproxyConfig config = null;
    try {
      Routes routes = Routes.wanted(topology.groups(), topology.engine());
      config = renderer.render(routes);
      want(config, routes, topology.changedAt());
      return apply(config, routes, topology);
    } catch (UnsafeTopologyException e) {
      return rejected("", e.getMessage());
    } catch (RejectedException e) {
      return rejected(config.hash(), e.getMessage());
    } catch (IOException e) {
      status = status.with(null, false, "HAProxy cannot be reached: " + e.getMessage());
      return settings.retryInterval();
    } catch (RuntimeException e) {
      LOG.error("a round failed", e);
      status = status.with(null, false, "a round failed: " + e);
      return settings.verifyInterval();
    }
  }

  private void want(HaproxyConfig config, Routes routes, long changedAt) {
    if (!config.hash().equals(wantedHash)) {
      wantedHash = config.hash();
      wantedSince = changedAt;
      status =
          new Status(config, routes, status.runningHash(), false, "HAProxy is being configured");
    }
  }

  private Duration apply(HaproxyConfig config, Routes routes, Snapshot topology)
      throws IOException, RejectedException, InterruptedException {
    Optional<Switched> switched = switchTo(routes);
    if (config.hash().equals(rejectedHash) && since(rejectedAt).compareTo(REJECTED_PAUSE) < 0) {
      return settings.verifyInterval();
    }
    Duration still = stillToWait(topology);
    if (switched.isPresent()
        && switched.get().complete()
        && !confirmedHash.isEmpty()
        && still.isPositive()
        && !haproxy.isInstalled(config)) {
      confirm(config, routes, status.runningHash());
      return still;
    }
    if (!haproxy.isInstalled(config)) {
      haproxy.install(config);
    }
    String running = haproxy.runningHash().orElse("");
    if (!running.equals(config.hash())) {
      LOG.infof("reload hash=%s instead of=%s", config.hash(), running);
      haproxy.reload(config);
      reports.reloaded();
      countCut(haproxy.cutUnwanted(routes));
    }
    haproxy.keepAsGood(config);
    confirm(config, routes, config.hash());
    return settings.verifyInterval();
  }

  /** With HAProxy away the file is still to be written: it is what HAProxy starts from. */
  private Optional<Switched> switchTo(Routes routes) {
    try {
      Switched switched = haproxy.switchTo(routes);
      countCut(switched.cut());
      return Optional.of(switched);
    } catch (IOException e) {
      LOG.debugf("HAProxy cannot be switched: %s", e.getMessage());
      return Optional.empty();
    }
  }

  /**
   * File and reload may not stand in the way of a failover that is under way, but they do not wait
   * for ever either.
   */
  private Duration stillToWait(Snapshot topology) {
    boolean underWay =
        topology.groups().values().stream()
            .anyMatch(group -> group.transition() != null && group.writable().isEmpty());
    return (underWay ? settings.deadline() : settings.settle()).minus(since(wantedSince));
  }

  private void confirm(HaproxyConfig config, Routes routes, String running) {
    rejectedHash = null;
    if (!config.hash().equals(confirmedHash)) {
      confirmedHash = config.hash();
      reports.configured(config, routes, cut, since(wantedSince));
      cut = 0;
    }
    status = new Status(config, routes, running, true, null);
  }

  private Duration rejected(String hash, String reason) {
    status = status.with(status.runningHash(), false, reason);
    if (!hash.equals(rejectedHash)) {
      reports.rejected(hash, reason);
    }
    rejectedHash = hash;
    rejectedAt = System.nanoTime();
    return settings.verifyInterval();
  }

  private void countCut(int sessions) {
    cut += sessions;
    reports.cut(sessions);
  }

  private static Duration since(long nanoTime) {
    return Duration.ofNanos(System.nanoTime() - nanoTime);
  }
}
