package io.shardguard.cli.local;

import io.shardguard.cli.local.Supervisor.Program;
import java.util.List;
import java.util.Optional;

/** Who keeps Kafka, HAProxy and the services of a cluster running. */
public interface Parts {

  /** Those of an installation: supervisord, or the Docker engine. */
  static Parts of(Installation installation) {
    return installation.docker()
        ? new DockerStack(installation)
        : new Supervisor(installation.state(), RunUser.choose());
  }

  /** Whether the cluster was started, and not stopped since. */
  boolean running();

  /** Every program; empty if nobody keeps any. */
  List<Program> programs();

  /** The process id of a program, as this machine sees it; empty if it does not run. */
  Optional<Long> pid(String program);
}
