package io.shardguard.clusterspec;

import com.fasterxml.jackson.databind.JsonNode;
import io.shardguard.clusterspec.ClusterSpecException.Problem;
import io.shardguard.events.MemberAddress;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Node;

/**
 * Reads cluster.yaml. Every error is found in one reading, with file, line, what is wrong and the
 * remedy.
 */
public final class ClusterSpecReader {

  private final Path file;
  private final int portBase;
  private final MemberNetwork network;
  private final List<Problem> problems = new ArrayList<>();
  private YamlTree tree;

  private ClusterSpecReader(Path file, int portBase, MemberNetwork network) {
    this.file = file;
    this.portBase = portBase;
    this.network = network;
  }

  /**
   * Reads and checks a declaration.
   *
   * @param portBase members without a port of their own listen on {@code portBase + 10}
   * @param network members without a host of their own get an address of it
   * @throws ClusterSpecException with all that is wrong
   */
  public static ClusterSpec read(Path file, int portBase, MemberNetwork network)
      throws ClusterSpecException {
    return new ClusterSpecReader(file, portBase, network).read();
  }

  private ClusterSpec read() throws ClusterSpecException {
    tree =
        new YamlTree(
            document(),
            (key, line) ->
                problem(line, "the key '" + key + "' stands twice", "Remove one of them."));
    for (SchemaCheck.Violation v : new SchemaCheck().violations(tree.root())) {
      problem(tree.line(v.pointer()), v.what(), v.remedy());
    }
    giveUpOnProblems();
    ClusterSpec spec = spec();
    checkGroups();
    checkMembers();
    checkSettings(spec);
    checkContainers(spec);
    checkEngines(spec);
    giveUpOnProblems();
    return spec;
  }

  private Node document() throws ClusterSpecException {
    try {
      LoaderOptions options = new LoaderOptions();
      options.setMaxAliasesForCollections(0);
      Node document = new Yaml(options).compose(new StringReader(Files.readString(file)));
      if (document != null) {
        return document;
      }
      problem(
          0,
          "the file is empty",
          "Start from the default declaration: ./shardguard up writes one if there is none.");
    } catch (IOException e) {
      problem(
          0,
          "the file cannot be read (" + e.getClass().getSimpleName() + ")",
          "Check its path and permissions.");
    } catch (MarkedYAMLException e) {
      int line = e.getProblemMark() == null ? 0 : e.getProblemMark().getLine() + 1;
      problem(line, "not YAML: " + e.getProblem(), "Correct the indentation or the quotes there.");
    } catch (YAMLException e) {
      problem(0, "not usable YAML: " + e.getMessage(), "Write every part out, without aliases.");
    }
    throw new ClusterSpecException(problems);
  }

  private ClusterSpec spec() {
    JsonNode root = tree.root();
    Map<String, String> settings = new LinkedHashMap<>();
    root.path("settings")
        .properties()
        .forEach(entry -> settings.put(entry.getKey(), entry.getValue().asText()));
    List<GroupSpec> groups = new ArrayList<>();
    root.path("groups").forEach(group -> groups.add(group(group)));
    groups.sort(Comparator.comparingInt(GroupSpec::group));
    List<EngineSpec> engines = new ArrayList<>();
    root.path("engines")
        .forEach(engine ->
            engines.add(
                new EngineSpec(engine.path("name").asText(), engine.path("host").asText())));
    return new ClusterSpec(
        root.path("cluster").asText(),
        root.path("runtime").asText("local"),
        groups,
        settings,
        MemberLimits.of(
            root.path("limits").path("memory").asText(""),
            root.path("limits").path("cpus").asDouble(0)),
        engines,
        Optional.ofNullable(root.path("network").textValue()),
        new Placement(engines.stream().map(EngineSpec::name).toList(), declaredEngines())
            .of(groups));
  }

  private Map<String, String> declaredEngines() {
    Map<String, String> declared = new HashMap<>();
    for (JsonNode group : tree.root().path("groups")) {
      for (JsonNode member : group.path("members")) {
        if (member.hasNonNull("engine")) {
          declared.put(member.path("name").asText(), member.path("engine").asText());
        }
      }
    }
    return declared;
  }

  private GroupSpec group(JsonNode group) {
    int number = group.path("group").asInt();
    List<MemberAddress> members = new ArrayList<>();
    group.path("members").forEach(member -> members.add(member(number, members.size(), member)));
    return new GroupSpec(number, members);
  }

  private MemberAddress member(int group, int index, JsonNode member) {
    String host = network.host(group, index);
    if (member.isTextual()) {
      return new MemberAddress(member.asText(), host, portBase + 10);
    }
    return new MemberAddress(
        member.path("name").asText(),
        member.path("host").asText(host),
        member.path("port").asInt(portBase + 10));
  }

  private void checkGroups() {
    Map<Integer, Integer> lines = new HashMap<>();
    JsonNode groups = tree.root().path("groups");
    for (int i = 0; i < groups.size(); i++) {
      int number = groups.get(i).path("group").asInt();
      int line = tree.line("/groups/" + i + "/group");
      Integer earlier = lines.putIfAbsent(number, line);
      if (earlier != null) {
        problem(
            line,
            "group " + number + " is declared twice, first in line " + earlier,
            "Give it another number.");
      }
    }
    if (!lines.containsKey(0)) {
      problem(
          tree.line("/groups"),
          "there is no group 0",
          "Declare the coordinator's group: - {group: 0, members: [coordinator-a, coordinator-b]}");
    }
  }

  private void checkMembers() {
    Map<String, Integer> names = new HashMap<>();
    Map<String, Integer> addresses = new HashMap<>();
    JsonNode groups = tree.root().path("groups");
    for (int g = 0; g < groups.size(); g++) {
      List<MemberAddress> members = group(groups.get(g)).members();
      for (int m = 0; m < members.size(); m++) {
        checkMember(members.get(m), tree.line("/groups/" + g + "/members/" + m), names, addresses);
      }
    }
  }

  private void checkMember(
      MemberAddress member, int line, Map<String, Integer> names, Map<String, Integer> addresses) {
    Integer sameName = names.putIfAbsent(member.name(), line);
    if (sameName != null) {
      problem(
          line,
          "the name " + member.name() + " is used twice, first in line " + sameName,
          "Names are unique in the cluster: choose another.");
    }
    // One address per member, whatever the port: a fenced member is refused by its address.
    Integer sameHost = addresses.putIfAbsent(member.host(), line);
    if (sameHost != null) {
      problem(
          line,
          "the address " + member.host() + " is used twice, first in line " + sameHost,
          "Every member needs an address of its own: give this one another host.");
    }
    if (member.host().matches(Pattern.quote(network.prefix()) + "\\.\\d+\\.\\d+")
        && Integer.parseInt(member.host().split("\\.")[2]) > 255) {
      problem(
          line,
          "group number too large for a default address (" + member.host() + ")",
          "Number groups up to 245, or give the member a host.");
    }
  }

  private void checkSettings(ClusterSpec spec) {
    spec.settings()
        .keySet()
        .forEach(name ->
            OwnedSettings.whyOwned(name)
                .ifPresent(reason ->
                    problem(
                        tree.line("/settings", name),
                        "the parameter " + name + " is set by the control plane: " + reason,
                        "Remove the line.")));
  }

  private void checkContainers(ClusterSpec spec) {
    if (spec.runtime().equals("docker")) {
      return;
    }
    if (!spec.limits().equals(MemberLimits.NONE)) {
      problem(
          tree.line("/limits"),
          "limits are for members that are containers",
          "Remove the key limits, or write runtime: docker.");
    }
    for (String key : List.of("engines", "network")) {
      if (tree.root().has(key)) {
        problem(
            tree.line("/" + key),
            key + " is for members that are containers",
            "Remove the key " + key + ", or write runtime: docker.");
      }
    }
  }

  private void checkEngines(ClusterSpec spec) {
    Map<String, Integer> seen = new HashMap<>();
    boolean socket = false;
    for (int i = 0; i < spec.engines().size(); i++) {
      EngineSpec engine = spec.engines().get(i);
      int line = tree.line("/engines/" + i);
      for (String word : List.of(engine.name(), engine.host())) {
        Integer earlier = seen.putIfAbsent(word, line);
        if (earlier != null) {
          problem(
              line,
              word + " is an engine already, in line " + earlier,
              "Every engine has a name and an endpoint of its own: correct one of the two.");
        }
      }
      if (socket && !engine.tls()) {
        problem(
            line,
            "a second engine is on this machine",
            "One engine can be reached by its socket: write the other as tcp://host:port.");
      }
      socket |= !engine.tls();
    }
    if (spec.engines().stream().anyMatch(EngineSpec::tls) && spec.network().isEmpty()) {
      problem(
          tree.line("/engines"),
          "there is no network that spans the engines",
          "Make one on all of them (deploy/network does), and write its name: network: members");
    }
    checkPlacement(spec);
  }

  private void checkPlacement(ClusterSpec spec) {
    List<String> known = spec.engines().stream().map(EngineSpec::name).toList();
    JsonNode groups = tree.root().path("groups");
    for (int g = 0; g < groups.size(); g++) {
      JsonNode members = groups.get(g).path("members");
      for (int m = 0; m < members.size(); m++) {
        String engine = members.get(m).path("engine").asText("");
        if (!engine.isEmpty() && !known.contains(engine)) {
          problem(
              tree.line("/groups/" + g + "/members/" + m),
              "there is no engine " + engine,
              "Declare it under engines, or leave it out: members are placed by themselves.");
        }
      }
    }
    if (!known.isEmpty() && problems.isEmpty()) {
      for (int g = 0; g < groups.size(); g++) {
        checkTogether(spec, group(groups.get(g)), tree.line("/groups/" + g + "/members"));
      }
    }
  }

  private void checkTogether(ClusterSpec spec, GroupSpec group, int line) {
    List<String> together =
        Placement.needlesslyTogether(group.members(), spec.placement(), spec.engines().size());
    if (!together.isEmpty()) {
      problem(
          line,
          String.join(" and ", together)
              + " of group "
              + group.group()
              + " are on one engine: its loss would be that of all of them",
          "Name different engines, or leave them out: members are placed by themselves.");
    }
  }

  private void giveUpOnProblems() throws ClusterSpecException {
    if (!problems.isEmpty()) {
      throw new ClusterSpecException(problems);
    }
  }

  private void problem(int line, String what, String remedy) {
    problems.add(new Problem(file, line, what, remedy));
  }
}
