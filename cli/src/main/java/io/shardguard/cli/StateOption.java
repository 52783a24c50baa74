package io.shardguard.cli;

import io.shardguard.cli.local.Health;
import io.shardguard.cli.local.Installation;
import io.shardguard.cli.local.Parts;
import io.shardguard.cli.local.RunUser;
import io.shardguard.cli.local.StateDirectory;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Which cluster is meant: the option that every command has. */
public final class StateOption {

  @Option(
      names = "--state",
      paramLabel = "DIR",
      description = {
        "The cluster's state directory. Default: $"
            + StateDirectory.VARIABLE
            + ", else /var/lib/shardguard for root,"
            + " ~/.local/share/shardguard for others."
      })
  private Path state;

  /** The state directory that is meant, whether there is a cluster in it or not. */
  public StateDirectory directory() {
    return StateDirectory.choose(
        state, System.getenv(), RunUser.callerIsRoot(), Path.of(System.getProperty("user.home")));
  }

  /**
   * The cluster that is meant.
   *
   * @throws Failure if there is none
   */
  public Installation installation() {
    return directory().installation();
  }

  /**
   * The cluster that is meant, for what goes through its log alone.
   *
   * @throws Failure if there is none, or its Kafka is not running
   */
  public Installation withKafka() {
    Installation installation = installation();
    if (!new Health().kafka(installation)) {
      throw Failure.precondition(
          "Kafka at " + installation.bootstrapServers() + " takes no connection.",
          "Start the cluster with ./shardguard up.");
    }
    return installation;
  }

  /**
   * The cluster that is meant.
   *
   * @throws Failure if it is not running
   */
  public Installation running() {
    Installation installation = installation();
    if (!Parts.of(installation).running()) {
      throw Failure.precondition(
          "Cluster "
              + installation.cluster()
              + " in "
              + installation.state().root()
              + " is not running.",
          "Start it with ./shardguard up.");
    }
    return installation;
  }
}
