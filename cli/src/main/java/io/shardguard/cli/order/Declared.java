package io.shardguard.cli.order;

import io.shardguard.clusterspec.ClusterSpec;
import io.shardguard.clusterspec.GroupSpec;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** The declared groups and members that a command line may name. */
final class Declared {

  private final CommandLine line;
  private final ClusterSpec spec;

  /** The declaration that the arguments of this command line are held against. */
  Declared(CommandLine line, ClusterSpec spec) {
    this.line = line;
    this.spec = spec;
  }

  /** All groups if none is named. */
  List<Integer> groups(Integer named) {
    return named == null
        ? spec.groups().stream().map(GroupSpec::group).toList()
        : List.of(group(named));
  }

  /** The group itself, if there is one. */
  int group(int named) {
    if (spec.group(named).isEmpty()) {
      throw new ParameterException(
          line,
          "Cluster "
              + spec.cluster()
              + " has no group "
              + named
              + "; its groups are "
              + spec.groups().stream()
                  .map(group -> Integer.toString(group.group()))
                  .collect(Collectors.joining(", "))
              + ".");
    }
    return named;
  }

  /** The group of a member. */
  int groupOf(String member) {
    return spec.groupOf(member)
        .map(GroupSpec::group)
        .orElseThrow(() ->
            new ParameterException(
                line,
                "Cluster "
                    + spec.cluster()
                    + " has no member "
                    + member
                    + "; its members are "
                    + spec.members().map(m -> m.name()).collect(Collectors.joining(", "))
                    + "."));
  }
}
