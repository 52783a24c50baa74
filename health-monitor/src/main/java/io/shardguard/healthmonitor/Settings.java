package io.shardguard.healthmonitor;

import io.shardguard.healthmonitor.core.Limits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Checks the configuration's values against each other. */
final class Settings {

  private static final String PREFIX = "shardguard.monitor.";

  /** wal_receiver_timeout is 5 s; a walreceiver that hears nothing asks after half of it. */
  private static final Duration QUIET_PRIMARY = Duration.ofMillis(2500);

  private final MonitorConfig config;
  private final List<String> errors = new ArrayList<>();

  private Settings(MonitorConfig config) {
    this.config = config;
  }

  /**
   * The bounds for the verdicts.
   *
   * @throws IllegalArgumentException if values contradict each other; the message says what to
   *     change
   */
  static Limits limits(MonitorConfig config) {
    Settings settings = new Settings(config);
    settings.check();
    if (!settings.errors.isEmpty()) {
      throw new IllegalArgumentException(
          "invalid configuration: " + String.join("; ", settings.errors));
    }
    return new Limits(
        config.probe().timeout(),
        config.down().silentAfter(),
        config.down().silentAloneAfter(),
        config.down().unwitnessedAfter(),
        config.down().unreachableAfter(),
        config.down().witnessStaleAfter(),
        config.start().grace(),
        config.replication().brokenAfter(),
        config.replication().stalledAfter(),
        config.isolation().within(),
        config.probe().timeout().compareTo(Duration.ofSeconds(1)) > 0
            ? config.probe().timeout()
            : Duration.ofSeconds(1));
  }

  private void check() {
    MonitorConfig.Probe probe = config.probe();
    MonitorConfig.Down down = config.down();
    if (config.observer().isBlank()) {
      errors.add(PREFIX + "observer is empty: give this instance a name");
    }
    atLeast("probe.suspect-interval", probe.suspectInterval(), "10 ms", Duration.ofMillis(10));
    atLeast("probe.interval", probe.interval(), "probe.suspect-interval", probe.suspectInterval());
    atLeast("probe.timeout", probe.timeout(), "probe.interval", probe.interval());
    atLeast("probe.connect-interval", probe.connectInterval(), "probe.interval", probe.interval());
    atLeast(
        "probe.connect-give-up",
        probe.connectGiveUp(),
        "probe.connect-timeout",
        probe.connectTimeout());
    atLeast(
        "probe.connect-give-up-max",
        probe.connectGiveUpMax(),
        "probe.connect-give-up",
        probe.connectGiveUp());
    atLeast("observe-every", config.observeEvery(), "probe.interval", probe.interval());
    atLeast(
        "down.silent-after",
        down.silentAfter(),
        "probe.timeout plus probe.interval",
        probe.timeout().plus(probe.interval()));
    atLeast(
        "down.silent-alone-after",
        down.silentAloneAfter(),
        "down.silent-after",
        down.silentAfter());
    atLeast(
        "down.unreachable-after",
        down.unreachableAfter(),
        "down.silent-alone-after",
        down.silentAloneAfter());
    atLeast(
        "down.witness-stale-after",
        down.witnessStaleAfter(),
        "what an idle primary lets pass",
        QUIET_PRIMARY);
  }

  private void atLeast(String key, Duration value, String boundName, Duration bound) {
    if (value.compareTo(bound) < 0) {
      errors.add(
          PREFIX
              + key
              + " is "
              + value.toMillis()
              + " ms, but must be at least "
              + boundName
              + " ("
              + bound.toMillis()
              + " ms): raise it"
              + (boundName.contains(".") ? ", or lower " + PREFIX + boundName : ""));
    }
  }
}
