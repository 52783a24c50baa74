package io.shardguard.cli.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shardguard.cli.Failure;
import io.shardguard.cli.local.Installation.EngineChoice;
import io.shardguard.clusterspec.MemberNetwork;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateDirectoryTest {

  private static final Path HOME = Path.of("/home/ada");

  @TempDir private Path directory;

  @Test
  void theOptionWinsOverTheEnvironmentAndTheDefault() {
    Map<String, String> environment = Map.of(StateDirectory.VARIABLE, "/srv/b");
    assertThat(StateDirectory.choose(Path.of("/srv/a"), environment, true, HOME).root())
        .isEqualTo(Path.of("/srv/a"));
    assertThat(StateDirectory.choose(null, environment, true, HOME).root())
        .isEqualTo(Path.of("/srv/b"));
  }

  @Test
  void theDefaultDependsOnTheCaller() {
    assertThat(StateDirectory.choose(null, Map.of(), true, HOME).root())
        .isEqualTo(Path.of("/var/lib/shardguard"));
    assertThat(StateDirectory.choose(null, Map.of(), false, HOME).root())
        .isEqualTo(Path.of("/home/ada/.local/share/shardguard"));
  }

  @Test
  void theMarkerRemembersTheInstallation() throws Exception {
    StateDirectory state = new StateDirectory(directory);
    Installation made =
        new Installation(
            state,
            "demo",
            7400,
            MemberNetwork.LOOPBACK,
            EngineChoice.STAND_IN,
            3,
            "ada",
            "/usr/lib/postgresql/15/bin");
    Files.writeString(state.marker(), made.marker());
    assertThat(state.installation()).isEqualTo(made);
  }

  @Test
  void aMarkerOfAnotherFormatIsRefused() throws Exception {
    StateDirectory state = new StateDirectory(directory);
    Files.writeString(state.marker(), "format=99\n");
    assertThatThrownBy(state::installation)
        .isInstanceOf(Failure.class)
        .hasMessageContaining("another version of Shardguard");
  }

  @Test
  void aDamagedMarkerIsRefused() throws Exception {
    StateDirectory state = new StateDirectory(directory);
    Files.writeString(state.marker(), "format=1\nport-base=many\n");
    assertThatThrownBy(state::installation)
        .isInstanceOf(Failure.class)
        .hasMessageContaining("not what ./shardguard up writes");
  }
}
