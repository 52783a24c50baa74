package io.shardguard.provisioner.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shardguard.testkit.SelfSignedKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/** An engine that is reached over the network, and proves who it is. */
@EnabledIfEnvironmentVariable(
    named = "SHARDGUARD_TEST_HOSTS",
    matches = ".+",
    disabledReason = "NOT RUN with TLS: ./shardguard test --docker does, as root")
class TlsEngineTest {

  private static final String HOST = "tcp://198.18.0.2:2376";

  @TempDir Path directory;

  @Test
  void anEngineIsUsedThatTrustsAndIsTrusted() throws Exception {
    try (DockerEngine engine = new DockerEngine(HOST, Optional.of(certificates()))) {
      engine.requireVersion();
      assertThat(engine.imageId("shardguard/member:latest")).isNotEmpty();
    }
  }

  @Test
  void anEngineThatDoesNotTrustUsIsNamedWithTheCertificates() throws Exception {
    for (String file : List.of("ca.pem", "cert.pem", "key.pem")) {
      Files.copy(certificates().resolve(file), directory.resolve(file));
    }
    SelfSignedKeys.make(directory.resolve("key.pem"), directory.resolve("cert.pem"));
    refused();
  }

  @Test
  void anEngineThatWeDoNotTrustIsNamedWithTheCertificates() throws Exception {
    for (String file : List.of("cert.pem", "key.pem")) {
      Files.copy(certificates().resolve(file), directory.resolve(file));
    }
    SelfSignedKeys.make(directory.resolve("other-key.pem"), directory.resolve("ca.pem"));
    refused();
  }

  private void refused() {
    try (DockerEngine engine = new DockerEngine(HOST, Optional.of(directory))) {
      assertThatThrownBy(engine::requireVersion)
          .isInstanceOf(IOException.class)
          .hasMessageContaining(HOST)
          .hasMessageContaining("trust")
          .hasMessageContaining("the certificates in " + directory);
    }
  }

  private static Path certificates() {
    return Path.of(System.getenv("SHARDGUARD_TEST_HOSTS"), "certificates", "host-2");
  }
}
