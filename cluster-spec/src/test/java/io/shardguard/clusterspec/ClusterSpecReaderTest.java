package io.shardguard.clusterspec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.shardguard.clusterspec.ClusterSpecException.Problem;
import io.shardguard.events.MemberAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterSpecReaderTest {

  @TempDir Path directory;

  @Test
  void readsTheDefaultDeclarationAsACoordinatorGroupAndThreeWorkerGroupsOfTwo() throws Exception {
    ClusterSpec spec = read(ClusterSpec.defaultYaml());

    assertThat(spec.cluster()).isEqualTo("demo");
    assertThat(spec.runtime()).isEqualTo("local");
    assertThat(spec.groups()).extracting(GroupSpec::group).containsExactly(0, 1, 2, 3);
    assertThat(spec.group(2).orElseThrow().members())
        .containsExactly(
            new MemberAddress("worker-2a", "127.0.12.1", 7410),
            new MemberAddress("worker-2b", "127.0.12.2", 7410));
    assertThat(spec.groupOf("coordinator-b").orElseThrow().group()).isZero();
  }

  @Test
  void takesAddressesAndParametersAsWritten() throws Exception {
    ClusterSpec spec =
        read(
            """
            cluster: x
            settings: {jit: off, work_mem: 8MB, max_wal_size: 2048}
            groups:
              - group: 0
                members: [a, {name: b, host: 127.0.0.9, port: 5433}]
            """);

    assertThat(spec.group(0).orElseThrow().members().get(1))
        .isEqualTo(new MemberAddress("b", "127.0.0.9", 5433));
    assertThat(spec.settings()).containsEntry("jit", "off").containsEntry("max_wal_size", "2048");
  }

  @Test
  void readsWhatMembersThatAreContainersMayUse() throws Exception {
    ClusterSpec spec =
        read(
            """
            cluster: x
            runtime: docker
            limits: {memory: 2GB, cpus: 1.5}
            groups:
              - {group: 0, members: [a, b]}
            """);

    assertThat(spec.runtime()).isEqualTo("docker");
    assertThat(spec.limits().memoryBytes()).hasValue(2L << 30);
    assertThat(spec.limits().nanoCpus()).hasValue(1_500_000_000L);
  }

  @Test
  void refusesLimitsForProcessesAndLimitsWithoutAUnit() {
    assertThat(
            problems("cluster: x\nlimits: {cpus: 1}\ngroups:\n  - {group: 0, members: [a, b]}\n"))
        .singleElement()
        .satisfies(
            p -> assertThat(p.what()).contains("limits are for members that are containers"));
    assertThat(
            problems(
                "cluster: x\nruntime: docker\nlimits: {memory: '512'}\n"
                    + "groups:\n  - {group: 0, members: [a, b]}\n"))
        .singleElement()
        .satisfies(p -> assertThat(p.remedy()).contains("memory: 1GB"));
  }

  @Test
  void placesTheMembersOfAGroupOnDifferentEnginesAndTheFirstOfEachGroupInTurn() throws Exception {
    ClusterSpec spec =
        read(
            """
            cluster: x
            runtime: docker
            engines:
              - {name: east, host: 'unix:///var/run/docker.sock'}
              - {name: west, host: 'tcp://10.0.0.2:2376'}
            network: members
            groups:
              - {group: 0, members: [a, b]}
              - {group: 1, members: [c, d]}
              - group: 2
                members: [e, {name: f, engine: west}]
              - {group: 3, members: [g, h, i]}
            """);

    assertThat(spec.engines())
        .containsExactly(
            new EngineSpec("east", "unix:///var/run/docker.sock"),
            new EngineSpec("west", "tcp://10.0.0.2:2376"));
    assertThat(spec.engines().get(1).tls()).isTrue();
    assertThat(spec.network()).hasValue("members");
    assertThat(spec.placement())
        .containsOnly(
            Map.entry("a", "east"),
            Map.entry("b", "west"),
            Map.entry("c", "west"),
            Map.entry("d", "east"),
            Map.entry("e", "east"),
            Map.entry("f", "west"),
            Map.entry("g", "west"),
            Map.entry("h", "east"),
            Map.entry("i", "west"));
  }

  @Test
  void refusesEnginesThatCannotBeMeant() {
    assertThat(
            problems(
                """
                cluster: x
                runtime: docker
                engines:
                  - {name: east, host: 'unix:///var/run/docker.sock'}
                  - {name: east, host: 'unix:///run/other.sock'}
                groups:
                  - group: 0
                    members: [{name: a, engine: north}, b]
                  - group: 1
                    members: [{name: c, engine: east}, d]
                """))
        .extracting(Problem::what)
        .containsExactly(
            "east is an engine already, in line 4",
            "a second engine is on this machine",
            "there is no engine north");
    assertThat(
            problems(
                """
                cluster: x
                runtime: docker
                engines:
                  - {name: east, host: 'unix:///var/run/docker.sock'}
                  - {name: west, host: 'tcp://10.0.0.2:2376'}
                network: members
                groups:
                  - group: 0
                    members: [{name: a, engine: east}, {name: b, engine: east}]
                """))
        .singleElement()
        .satisfies(p -> {
          assertThat(p.line()).isEqualTo(9);
          assertThat(p.what()).contains("a and b of group 0 are on one engine");
        });
    assertThat(
            problems(
                """
                cluster: x
                engines: [{name: east, host: 'tcp://10.0.0.2'}]
                groups:
                  - {group: 0, members: [a, b]}
                """))
        .singleElement()
        .satisfies(p -> assertThat(p.remedy()).contains("tcp://host:port"));
    assertThat(
            problems(
                """
                cluster: x
                runtime: docker
                engines: [{name: east, host: 'tcp://10.0.0.2:2376'}]
                groups:
                  - {group: 0, members: [a, b]}
                """))
        .singleElement()
        .satisfies(
            p -> assertThat(p.what()).isEqualTo("there is no network that spans the engines"));
    assertThat(
            problems(
                """
                cluster: x
                engines: [{name: east, host: 'tcp://10.0.0.2:2376'}]
                network: members
                groups:
                  - {group: 0, members: [a, b]}
                """))
        .extracting(Problem::what)
        .containsExactly(
            "engines is for members that are containers",
            "network is for members that are containers");
  }

  @Test
  void namesFileLineAndRemedyOfEveryErrorInOneReading() {
    List<Problem> problems =
        problems(
            """
            cluster: Demo
            groups:
              - group: 0
                members: [a]
              - group: 1
                membrs: [b, c]
            """);

    assertThat(problems).extracting(Problem::line).containsExactly(1, 4, 5, 6);
    assertThat(problems).allSatisfy(p -> assertThat(p.remedy()).isNotBlank());
    assertThat(problems.get(1).remedy()).contains("at least two members");
    assertThat(problems.get(2).what()).contains("'members' is missing");
    assertThat(problems.get(3).what()).contains("'membrs' is unknown");
    assertThat(problems.get(0).toString()).startsWith(directory.resolve("cluster.yaml") + ":1: ");
  }

  @Test
  void refusesNamesAddressesAndGroupsThatAreUsedTwice() {
    assertThat(
            problems(
                """
                cluster: x
                groups:
                  - group: 1
                    members: [a, b]
                  - group: 1
                    members:
                      - a
                      - {name: d, host: 127.0.11.2}
                """))
        .extracting(Problem::what)
        .containsExactly(
            "there is no group 0",
            "group 1 is declared twice, first in line 3",
            "the name a is used twice, first in line 4",
            "the address 127.0.11.1 is used twice, first in line 4",
            "the address 127.0.11.2 is used twice, first in line 4");
  }

  @Test
  void refusesParametersThatTheControlPlaneOwns() {
    List<Problem> problems =
        problems(
            """
            cluster: x
            settings:
              work_mem: 8MB
              synchronous_commit: off
            groups:
              - {group: 0, members: [a, b]}
            """);

    assertThat(problems).hasSize(1);
    assertThat(problems.getFirst().line()).isEqualTo(4);
    assertThat(problems.getFirst().what())
        .contains("synchronous_commit is set by the control plane");
  }

  @Test
  void refusesAGroupNumberThatHasNoDefaultAddress() {
    assertThat(
            problems(
                """
                cluster: x
                groups:
                  - {group: 0, members: [a, b]}
                  - {group: 400, members: [c, d]}
                """))
        .extracting(Problem::line)
        .containsExactly(4, 4);
  }

  @Test
  void refusesAnUnknownRuntimeWithTheKnownOne() {
    assertThat(problems("cluster: x\nruntime: cloud\ngroups:\n  - {group: 0, members: [a, b]}\n"))
        .singleElement()
        .satisfies(p -> assertThat(p.remedy()).contains("runtime: local"));
  }

  @Test
  void saysWhereTheTextIsNoYaml() {
    assertThat(problems("cluster: x\ngroups: [\n"))
        .singleElement()
        .satisfies(p -> assertThat(p.line()).isPositive());
  }

  @Test
  void refusesAKeyThatStandsTwiceAnAliasAnEmptyFileAndNoFile() {
    assertThat(
            problems("cluster: x\ncluster: y\ngroups:\n  - {group: 0, members: [a, b]}\n")
                .getFirst()
                .what())
        .contains("stands twice");
    assertThat(problems("cluster: x\na: &a [1]\nb: *a\n").getFirst().remedy()).contains("aliases");
    assertThat(problems("").getFirst().what()).contains("empty");
    ClusterSpecException missing =
        catchThrowableOfType(
            ClusterSpecException.class,
            () ->
                ClusterSpecReader.read(
                    directory.resolve("nowhere.yaml"), 7400, MemberNetwork.LOOPBACK));
    assertThat(missing).hasMessageContaining("nowhere.yaml").hasMessageContaining("cannot be read");
  }

  private ClusterSpec read(String yaml) throws ClusterSpecException, IOException {
    return ClusterSpecReader.read(
        Files.writeString(directory.resolve("cluster.yaml"), yaml), 7400, MemberNetwork.LOOPBACK);
  }

  private List<Problem> problems(String yaml) {
    ClusterSpecException failure =
        catchThrowableOfType(ClusterSpecException.class, () -> read(yaml));
    assertThat(failure).as("an error").isNotNull();
    return failure.problems();
  }
}
