package io.shardguard.cli.local;

import io.shardguard.cli.Failure;
import io.shardguard.cli.local.Installation.RuntimeChoice;
import io.shardguard.clusterspec.ClusterSpec;
import io.shardguard.clusterspec.ClusterSpecException;
import io.shardguard.clusterspec.ClusterSpecReader;
import io.shardguard.clusterspec.MemberNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The declaration that a cluster is started with.
 *
 * @param text as it was written
 * @param spec what it says
 */
record Declaration(String text, ClusterSpec spec) {

  /**
   * What was named, else what the cluster in the state directory runs with, else the default.
   *
   * @throws Failure if it is not good, or of another runtime
   */
  static Declaration of(
      ClusterStart.Wanted wanted, RuntimeChoice runtime, int portBase, MemberNetwork network)
      throws IOException {
    Path kept = wanted.state().clusterFile();
    if (wanted.clusterFile() != null) {
      return read(wanted.clusterFile(), runtime, portBase, network);
    }
    if (Files.exists(kept)) {
      return read(kept, runtime, portBase, network);
    }
    Path file = Files.createTempFile("cluster-", ".yaml");
    try {
      String standard =
          ClusterSpec.defaultYaml()
              .replace("runtime: " + RuntimeChoice.LOCAL, "runtime: " + runtime);
      return read(Files.writeString(file, standard), runtime, portBase, network);
    } finally {
      Files.delete(file);
    }
  }

  private static Declaration read(
      Path file, RuntimeChoice runtime, int portBase, MemberNetwork network) throws IOException {
    ClusterSpec spec;
    try {
      spec = ClusterSpecReader.read(file, portBase, network);
    } catch (ClusterSpecException e) {
      throw Failure.precondition(
          e.getMessage(), "Correct the declaration and call this again; nothing was changed.");
    }
    if (!spec.runtime().equals(runtime.toString())) {
      boolean docker = runtime == RuntimeChoice.DOCKER;
      throw Failure.precondition(
          "The declaration says runtime: "
              + spec.runtime()
              + ", and --docker was "
              + (docker ? "given." : "not given."),
          "Write runtime: "
              + runtime
              + " into "
              + file
              + ", or "
              + (docker ? "leave --docker out." : "give --docker."));
    }
    return new Declaration(Files.readString(file), spec);
  }
}
