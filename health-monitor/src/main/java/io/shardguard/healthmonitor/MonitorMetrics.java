package io.shardguard.healthmonitor;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.shardguard.events.Observation;
import io.shardguard.events.Observation.Verdict;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The service's figures. */
@ApplicationScoped
public class MonitorMetrics {

  private final MeterRegistry registry;
  private final Map<String, Timer> probes = new ConcurrentHashMap<>();
  private final Map<String, Verdict> verdicts = new ConcurrentHashMap<>();
  private final Counter observations;
  private final Counter unknown;
  private final Counter unreadable;

  @Inject
  MonitorMetrics(MeterRegistry registry) {
    this.registry = registry;
    this.observations =
        Counter.builder("shardguard.observations")
            .description("Observations that Kafka has")
            .register(registry);
    this.unknown =
        Counter.builder("shardguard.events.unknown")
            .description("Events of a type that this version does not know")
            .register(registry);
    this.unreadable =
        Counter.builder("shardguard.records.unreadable")
            .description("Records sent to the dlq")
            .register(registry);
  }

  /** These are the members from now on. */
  public void members(List<String> names) {
    names.forEach(name -> verdicts.computeIfAbsent(name, this::register));
    verdicts.keySet().removeIf(name -> !names.contains(name));
  }

  /** A probe brought a result. */
  public void probed(String member, Duration took) {
    probes
        .computeIfAbsent(
            member,
            name ->
                Timer.builder("shardguard.probe")
                    .description("Time for a member's answer, or until the probe failed")
                    .tag("member", name)
                    .register(registry))
        .record(took);
  }

  /** The verdicts as observed. */
  public void verdicts(Observation observation) {
    observation.members().forEach(view -> verdicts.put(view.member(), view.verdict()));
  }

  /** Kafka has one more observation. */
  public void observed() {
    observations.increment();
  }

  /** An event of an unknown type was skipped. */
  public void unknownEvent() {
    unknown.increment();
  }

  /** A record could not be read. */
  public void unreadableRecord() {
    unreadable.increment();
  }

  private Verdict register(String member) {
    for (Verdict verdict : Verdict.values()) {
      Gauge.builder("shardguard.member.verdict", () -> verdicts.get(member) == verdict ? 1 : 0)
          .description("1 for the verdict on the member, 0 for the others")
          .tags(Tags.of("member", member, "verdict", verdict.name()))
          .register(registry);
    }
    return Verdict.UNKNOWN;
  }
}
