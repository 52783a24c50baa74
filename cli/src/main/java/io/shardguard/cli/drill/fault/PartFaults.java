package io.shardguard.cli.drill.fault;

import io.shardguard.cli.local.Supervisor;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Does things to the processes of the control plane; supervisord starts them again. */
final class PartFaults {

  private static final Pattern PID = Pattern.compile("pid (\\d+)");

  private final Supervisor supervisor;

  PartFaults(Supervisor supervisor) {
    this.supervisor = supervisor;
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
    return supervisor.programs().stream()
        .filter(program -> program.name().equals(part.programName()))
        .map(program -> PID.matcher(program.detail()))
        .filter(Matcher::find)
        .findFirst()
        .flatMap(pid -> ProcessHandle.of(Long.parseLong(pid.group(1))));
  }
}
