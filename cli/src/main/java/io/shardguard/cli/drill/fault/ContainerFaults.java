package io.shardguard.cli.drill.fault;

import io.shardguard.cli.Failure;
import io.shardguard.cli.local.Command;
import io.shardguard.cli.local.DockerStack;
import java.time.Duration;
import java.util.List;

/** Does things to members that are containers, through their engine. */
final class ContainerFaults implements MemberFaults {

  private static final Duration CALL = Duration.ofSeconds(30);

  /** Sets the soft limit of every process of the container, and of those that these start. */
  private static final String LIMIT =
      "for p in /proc/[0-9]*; do prlimit --pid \"${p#/proc/}\" --fsize=\"$0\" || :; done 2>/dev/null";

  /** With its first process a container's programs are killed. */
  private static final int KILLED = 128 + 9;

  private final DockerStack stack;

  ContainerFaults(DockerStack stack) {
    this.stack = stack;
  }

  @Override
  public Runnable inflict(String member, ServerFault fault) {
    String container = stack.container(member);
    if (stack.memberPid(member).isEmpty()) {
      throw Failure.failed(
          "The container of " + member + " does not run; nothing was done to it.",
          "Look at ./shardguard status.");
    }
    return switch (fault) {
      // The first process takes all others of its container with it.
      case KILL_POSTMASTER, KILL_ALL -> {
        must(member, "kill", "-s", "KILL", container);
        yield () -> {};
      }
      case STOP -> {
        must(member, "kill", "-s", "INT", container);
        yield () -> {};
      }
      case FREEZE_POSTMASTER -> {
        must(member, "kill", "-s", "STOP", container);
        yield () -> stack.docker(member, CALL, "kill", "-s", "CONT", container);
      }
      case FREEZE_ALL -> {
        must(member, "pause", container);
        yield () -> stack.docker(member, CALL, "unpause", container);
      }
      case FULL_DISK -> fillDisk(member);
    };
  }

  /** Twice: what was started in between may have missed the first. */
  private Runnable fillDisk(String member) {
    long before = stack.memberPid(member).orElse(0L);
    limit(member, before, "0:");
    limit(member, before, "0:");
    return () -> limit(member, before, "unlimited:");
  }

  /** Nothing is to be done any more if the first process is not that of before: it ended by it. */
  private void limit(String member, long before, String size) {
    if (stack.memberPid(member).orElse(0L) != before) {
      return;
    }
    Command.Result result = stack.inside(member, List.of("sh", "-c", LIMIT, size));
    boolean endedMeanwhile = result.exitCode() == KILLED;
    if (!result.ok() && !endedMeanwhile && stack.memberPid(member).orElse(0L) == before) {
      throw Failure.failed(
          "The file size limit of " + member + " cannot be set: " + result.output(),
          "Look at ./shardguard status.");
    }
  }

  private void must(String member, String... words) {
    Command.Result result = stack.docker(member, CALL, words);
    if (!result.ok()) {
      throw Failure.failed(
          "docker " + String.join(" ", words) + " failed: " + result.output(),
          "Look at ./shardguard status.");
    }
  }
}
