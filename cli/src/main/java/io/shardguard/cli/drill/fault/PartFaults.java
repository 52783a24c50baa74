package io.shardguard.cli.drill.fault;

import io.shardguard.cli.local.Parts;
import java.util.List;
import java.util.Optional;

/**
 * Does things to the processes of the control plane; whoever keeps them running starts them again.
 */
final class PartFaults {

  private final Parts parts;

  PartFaults(Parts parts) {
    this.parts = parts;
  }

  /** Returns how it is undone; a part that does not run is left alone. */
  Runnable inflict(ControlPart part, PartFault fault) {
    Optional<ProcessHandle> process = process(part);
    return switch (fault) {
      case KILL -> {
        process.ifPresent(ProcessHandle::destroyForcibly);
        yield () -> {};
      }
      case FREEZE -> {
        process.ifPresent(p -> Signals.send("STOP", List.of(p)));
        yield () -> process.ifPresent(p -> Signals.send("CONT", List.of(p)));
      }
    };
  }

  private Optional<ProcessHandle> process(ControlPart part) {
    return parts.pid(part.programName()).flatMap(ProcessHandle::of);
  }
}
