package io.shardguard.healthmonitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SettingsTest {

  @Test
  void theDefaultsAgreeWithEachOther() {
    assertThat(Settings.limits(with(Map.of())).silentAfter()).isEqualTo(Duration.ofMillis(2500));
  }

  @Test
  void aBoundThatContradictsAnotherIsRefusedWithTheRemedy() {
    assertThatThrownBy(
            () -> Settings.limits(with(Map.of("shardguard.monitor.down.silent-after", "500ms"))))
        .hasMessageContaining("shardguard.monitor.down.silent-after is 500 ms")
        .hasMessageContaining("raise it");
  }

  @Test
  void allContradictionsAreNamedAtOnce() {
    Map<String, String> values =
        Map.of(
            "shardguard.monitor.probe.timeout",
            "20ms",
            "shardguard.monitor.down.witness-stale-after",
            "1s");
    assertThatThrownBy(() -> Settings.limits(with(values)))
        .hasMessageContaining("probe.timeout is 20 ms")
        .hasMessageContaining("witness-stale-after is 1000 ms");
  }

  private static MonitorConfig with(Map<String, String> values) {
    return new SmallRyeConfigBuilder()
        .withMapping(MonitorConfig.class)
        .withConverter(
            Duration.class, 200, new io.quarkus.runtime.configuration.DurationConverter())
        .withSources(new PropertiesConfigSource(values, "test", 500))
        .build()
        .getConfigMapping(MonitorConfig.class);
  }
}
