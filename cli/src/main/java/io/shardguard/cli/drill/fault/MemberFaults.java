package io.shardguard.cli.drill.fault;

import io.shardguard.cli.local.DockerStack;
import io.shardguard.cli.local.Installation;

/** Does things to members' processes, whatever these run in. */
interface MemberFaults {

  /** Those for an installation's members. */
  static MemberFaults of(Installation installation) {
    return installation.docker()
        ? new ContainerFaults(new DockerStack(installation))
        : new ServerFaults(installation.state());
  }

  /** Returns how it is undone; to undo what does not last, or was replaced, does nothing. */
  Runnable inflict(String member, ServerFault fault);
}
