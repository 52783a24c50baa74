package io.shardguard.provisioner.runtime;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The network namespaces that members live in, where somebody made them. Each has a user namespace
 * around it that belongs to this process's user: it may be entered without being root.
 *
 * @param directory holds {@code <member>.user} and {@code <member>.net} for each member; empty:
 *     members live where this process does
 */
public record MemberNamespaces(Optional<Path> directory) {

  /** The command, to be run in the member's namespaces; the process that it begins as goes on. */
  List<String> inside(String member, List<String> command) {
    if (directory.isEmpty()) {
      return command;
    }
    List<String> whole =
        new ArrayList<>(
            List.of(
                "nsenter",
                "--user=" + directory.get().resolve(member + ".user"),
                "--net=" + directory.get().resolve(member + ".net"),
                "--preserve-credentials",
                "--"));
    whole.addAll(command);
    return whole;
  }
}
