package io.shardguard.provisioner.docker;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shardguard.clusterspec.MemberLimits;
import io.shardguard.provisioner.docker.DockerEngines.Endpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said where no engine is. */
class EngineTest {

  @TempDir Path directory;

  @Test
  void anEngineThatIsNotThereIsNamedWithItsAddress() {
    String host = "unix://" + directory.resolve("none.sock");

    assertThatThrownBy(() -> open(new Endpoint(host, Optional.empty(), List.of("worker-1a"))))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the Docker engine at " + host + " cannot be reached");
  }

  @Test
  void certificatesThatAreMissingAreNamedWithTheirDirectory() {
    Endpoint endpoint =
        new Endpoint("tcp://127.0.0.1:1", Optional.of(directory), List.of("worker-1a"));

    assertThatThrownBy(() -> open(endpoint))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(directory + " must have ca.pem, cert.pem and key.pem");
  }

  @Test
  void anEngineThatIsTooOldIsRefused() {
    assertThatThrownBy(() -> DockerEngine.requireVersion("unix:///here", "19.03.15"))
        .hasMessage(
            "the Docker engine at unix:///here is of version 19.03.15:"
                + " version 20.10 or newer is needed");
    DockerEngine.requireVersion("unix:///here", "20.10.24+dfsg1");
    DockerEngine.requireVersion("unix:///here", "28.2.2");
  }

  private void open(Endpoint endpoint) throws Exception {
    DockerPlace place =
        new DockerPlace(
            "demo", "sgtest", "sgtest", "none", Path.of("/bin"), directory, MemberLimits.NONE);
    DockerEngines.open(Map.of("here", endpoint), place, directory.resolve("pgpass")).close();
  }
}
