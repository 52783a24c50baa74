package io.shardguard.failover;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardguard.failover.replay.PolicySettings;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class PolicyDefaultsTest {

  @Test
  void replayKnowsThePolicyOfAServiceWithoutSettings() {
    FailoverConfig config = Configs.generous(Path.of("/nowhere"));
    assertThat(PolicySettings.of(config.failover().policy())).isEqualTo(PolicySettings.DEFAULTS);
    assertThat(PolicySettings.policy(PolicySettings.DEFAULTS))
        .isEqualTo(config.failover().policy());
  }

  @Test
  void replaysSettingsHaveTheNamesOfTheConfiguration() throws Exception {
    String page = Files.readString(Path.of("../docs/configuration.md"));
    assertThat(PolicySettings.DEFAULTS.keySet())
        .allMatch(name -> page.contains("| `shardguard.failover." + name + "` |"));
  }
}
