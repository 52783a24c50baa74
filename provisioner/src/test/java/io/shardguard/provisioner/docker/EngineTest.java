package io.shardguard.provisioner.docker;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shardguard.clusterspec.MemberLimits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said where no engine is. */
class EngineTest {

  @TempDir Path directory;

  @Test
  void anEngineThatIsNotThereIsNamedWithItsAddress() {
    String host = "unix://" + directory.resolve("none.sock");
    DockerPlace place =
        new DockerPlace(
            "demo", "sgtest", "sgtest", "none", Path.of("/bin"), directory, MemberLimits.NONE);

    assertThatThrownBy(() ->
            DockerRuntime.open(
                host, Optional.empty(), place, List.of("worker-1a"), directory.resolve("pgpass")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the Docker engine at " + host + " cannot be reached");
  }
}
