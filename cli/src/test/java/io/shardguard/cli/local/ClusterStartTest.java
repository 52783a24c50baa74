package io.shardguard.cli.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shardguard.cli.Failure;
import io.shardguard.cli.Terminal;
import io.shardguard.cli.local.ClusterStart.Wanted;
import io.shardguard.cli.local.Installation.EngineChoice;
import io.shardguard.cli.local.Installation.NetworkChoice;
import io.shardguard.clusterspec.ClusterSpec;
import io.shardguard.clusterspec.MemberNetwork;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterStartTest {

  private final Terminal nowhere =
      new Terminal(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));

  @TempDir private Path directory;

  @Test
  void anInvalidDeclarationIsRefusedWithFileAndLineAndNothingIsMade() throws IOException {
    Path file =
        Files.writeString(
            directory.resolve("cluster.yaml"),
            "cluster: demo\ngroups:\n  - group: 1\n    members: [a, b]\n");
    Path state = directory.resolve("state");
    assertThatThrownBy(() -> start(state, null, file).start())
        .isInstanceOf(Failure.class)
        .hasMessageContaining(file + ":")
        .hasMessageContaining("group 0");
    assertThat(state).doesNotExist();
  }

  @Test
  void aDeclarationOfAnotherRuntimeIsRefusedAndNothingIsMade() throws IOException {
    Path file =
        Files.writeString(
            directory.resolve("cluster.yaml"),
            ClusterSpec.defaultYaml().replace("runtime: local", "runtime: docker"));
    Path state = directory.resolve("state");
    assertThatThrownBy(() -> start(state, null, file).start())
        .isInstanceOf(Failure.class)
        .hasMessageContaining("runtime: docker")
        .hasMessageContaining("give --docker");
    assertThat(state).doesNotExist();
  }

  @Test
  void anExistingClusterKeepsItsPorts() throws IOException {
    StateDirectory state = new StateDirectory(Files.createDirectory(directory.resolve("state")));
    Installation made =
        new Installation(
            state,
            "demo",
            7400,
            MemberNetwork.LOOPBACK,
            EngineChoice.AUTO,
            1,
            RunUser.choose().name(),
            "/usr/lib/postgresql/15/bin");
    Files.writeString(state.marker(), made.marker());
    assertThatThrownBy(() -> start(state.root(), 9000, null).start())
        .isInstanceOf(Failure.class)
        .hasMessageContaining("--port-base 7400");
  }

  @Test
  void anExistingClusterKeepsItsUser() throws IOException {
    StateDirectory state = new StateDirectory(Files.createDirectory(directory.resolve("state")));
    Installation made =
        new Installation(
            state,
            "demo",
            7400,
            MemberNetwork.LOOPBACK,
            EngineChoice.AUTO,
            1,
            "somebody-else",
            "/usr/lib/postgresql/15/bin");
    Files.writeString(state.marker(), made.marker());
    assertThatThrownBy(() -> start(state.root(), null, null).start())
        .isInstanceOf(Failure.class)
        .hasMessageContaining("runs as user somebody-else");
  }

  @Test
  void anExistingClusterKeepsItsNetwork() throws IOException {
    StateDirectory state = new StateDirectory(Files.createDirectory(directory.resolve("state")));
    Installation made =
        new Installation(
            state,
            "demo",
            7400,
            MemberNetwork.of("10.83.0.0/16"),
            EngineChoice.AUTO,
            1,
            RunUser.choose().name(),
            "/usr/lib/postgresql/15/bin");
    Files.writeString(state.marker(), made.marker());
    assertThat(state.installation().networkChoice()).isEqualTo(NetworkChoice.NAMESPACES);
    Path bin = Path.of("/usr/lib/postgresql/15/bin");
    Wanted other = new Wanted(state, null, null, NetworkChoice.LOOPBACK, null, null, bin);
    assertThatThrownBy(() -> new ClusterStart(other, new Artefacts(directory), nowhere).start())
        .isInstanceOf(Failure.class)
        .hasMessageContaining("--network namespaces")
        .hasMessageContaining("--state");
  }

  private ClusterStart start(Path state, Integer portBase, Path clusterFile) {
    Path bin = Path.of("/usr/lib/postgresql/15/bin");
    return new ClusterStart(
        new Wanted(new StateDirectory(state), portBase, clusterFile, null, null, null, bin),
        new Artefacts(directory),
        nowhere);
  }
}
