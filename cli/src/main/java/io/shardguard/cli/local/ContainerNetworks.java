package io.shardguard.cli.local;

import io.shardguard.cli.Failure;
import io.shardguard.events.MemberAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The networks of containers, entered from the machine that they run on. Root only. */
final class ContainerNetworks implements MemberNetworks {

  private static final Duration CALL = Duration.ofSeconds(60);

  private final Installation installation;
  private final DockerStack stack;

  ContainerNetworks(Installation installation) {
    this.installation = installation;
    this.stack = new DockerStack(installation);
  }

  @Override
  public List<String> members() {
    return installation.spec().members().map(MemberAddress::name).toList();
  }

  @Override
  public String address(String member) {
    return MemberNetworks.address(installation, member);
  }

  /** All addresses that are nobody's declared ones, the engine's own among them. */
  @Override
  public String observers() {
    return DockerStack.servicesNetwork(installation.network());
  }

  @Override
  public boolean isThere(String member) {
    return stack.memberPid(member).isPresent();
  }

  @Override
  public Command.Result inside(String member, List<String> command) {
    long process =
        stack
            .memberPid(member)
            .orElseThrow(() ->
                Failure.failed(
                    "The container of " + member + " does not run.",
                    "Look at ./shardguard status."));
    if (!stack.onThisMachine(member)) {
      throw Failure.precondition(
          "The member "
              + member
              + " is on another machine: its network cannot be broken from here.",
          "Do it there, or take a drill that goes through the engine, such as worker-hang.");
    }
    List<String> whole =
        new ArrayList<>(List.of("nsenter", "--net=/proc/" + process + "/ns/net", "--"));
    whole.addAll(command);
    return Command.run(CALL, whole);
  }

  @Override
  public List<ProcessHandle> processes(String member) {
    return stack
        .memberPid(member)
        .filter(first -> stack.onThisMachine(member))
        .map(first -> namespace(first))
        .map(wanted ->
            ProcessHandle.allProcesses()
                .filter(process -> wanted.equals(namespace(process.pid())))
                .toList())
        .orElse(List.of());
  }

  private static String namespace(long process) {
    try {
      return Files.readSymbolicLink(Path.of("/proc", Long.toString(process), "ns/net")).toString();
    } catch (IOException goneOrSomebodyElses) {
      return "";
    }
  }
}
