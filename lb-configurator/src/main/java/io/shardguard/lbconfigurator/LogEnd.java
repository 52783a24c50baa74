package io.shardguard.lbconfigurator;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.shardguard.eventlog.GroupStates;
import io.shardguard.eventlog.LogReader;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Reads the log to its end once at the start, beside the channels, so that the view knows when the
 * channels have got there. Tried again until it is so, with Kafka away too; an end that compaction
 * took from under the channels is replaced by a newer one.
 */
@ApplicationScoped
class LogEnd {

  private static final Logger LOG = Logger.getLogger(LogEnd.class);
  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final int PAUSES_FOR_THE_CHANNELS = 20;

  private final TopologyView view;
  private final String cluster;
  private final String bootstrapServers;
  private Thread thread;

  @Inject
  LogEnd(
      TopologyView view,
      LbConfig config,
      @ConfigProperty(name = "kafka.bootstrap.servers") String bootstrapServers) {
    this.view = view;
    this.cluster = config.cluster();
    this.bootstrapServers = bootstrapServers;
  }

  void start(@Observes StartupEvent started) {
    thread = Thread.ofPlatform().name("log-end").daemon().start(this::readUntilComplete);
  }

  void stop(@Observes ShutdownEvent stopped) {
    thread.interrupt();
  }

  private void readUntilComplete() {
    try {
      while (!view.isComplete()) {
        readOnce();
        for (int i = 0; i < PAUSES_FOR_THE_CHANNELS && !view.isComplete(); i++) {
          Thread.sleep(PAUSE);
        }
      }
      LOG.infof("the log is read to its end cluster=%s", cluster);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void readOnce() {
    try {
      LogReader reader = new LogReader(bootstrapServers);
      AtomicReference<String> declaration = new AtomicReference<>();
      reader.events(
          DEADLINE,
          envelope -> {
            if (TopologyChannels.declares(envelope, cluster)) {
              declaration.set(envelope.id());
            }
          });
      GroupStates end = reader.groupStates(DEADLINE);
      view.completeAt(
          ofThisCluster(end.lastReadable()),
          ofThisCluster(end.unreadable()).keySet(),
          declaration.get());
    } catch (TimeoutException | RuntimeException e) {
      LOG.warnf("the log cannot be read yet: %s", e.getMessage());
    }
  }

  private <T> Map<Integer, T> ofThisCluster(Map<String, T> byKey) {
    Map<Integer, T> groups = new TreeMap<>();
    byKey.forEach((key, value) ->
        TopologyChannels.group(key, cluster).ifPresent(group -> groups.put(group, value)));
    return groups;
  }
}
