package io.shardguard.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.shardguard.systemtests.Stack.Run;
import io.shardguard.testkit.SelfSignedKeys;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/** A cluster on the Docker engines of three machines, of which one is lost and comes back. */
@Tag("docker")
@EnabledIfEnvironmentVariable(
    named = Hosts.VARIABLE,
    matches = ".+",
    disabledReason = "NOT RUN on several Docker engines: ./shardguard test --docker does, as root")
class SeveralEnginesTest {

  private static final int NOTHING_DONE = 3;
  private static final Duration HEALING = Duration.ofMinutes(4);
  private static final String MEMBER = "label=io.shardguard.role=member";
  private static final String NAME = "{{.Label \"io.shardguard.member\"}}";

  private final Hosts hosts = Hosts.ofTheEnvironment();

  @Test
  void theLossOfAMachineIsSurvivedAndWhatIsOnItComesBackByItself() throws Exception {
    try (Stack stack = new Stack()) {
      String declaration = stack.clusterFile(hosts.declaration());
      refusesWhomTheEnginesDoNotTrust(stack, declaration);
      comesUp(stack, declaration);
      noGroupHasTwoMembersOnOneEngine(stack);
      losesAMachineAndGetsItBack(stack);
      goesWithoutATrace(stack);
    }
  }

  private void refusesWhomTheEnginesDoNotTrust(Stack stack, String declaration) throws Exception {
    Path strange = Files.createDirectories(stack.report().resolveSibling("strange"));
    for (String host : List.of("host-2", "host-3")) {
      Path own = Files.createDirectories(strange.resolve(host));
      Files.copy(hosts.certificates().resolve(host).resolve("ca.pem"), own.resolve("ca.pem"));
    }
    refused(stack, declaration, strange, "There is no " + strange + "/host-2/cert.pem");
    for (String host : List.of("host-2", "host-3")) {
      Path own = strange.resolve(host);
      SelfSignedKeys.make(own.resolve("key.pem"), own.resolve("cert.pem"));
    }
    refused(stack, declaration, strange, "The Docker engine host-2 does not answer");
    assertThat(stack.state()).doesNotExist();
  }

  private static void refused(Stack stack, String declaration, Path certificates, String why)
      throws Exception {
    Run up =
        stack.up(
            "--docker", "--cluster-file", declaration, "--certificates", certificates.toString());
    assertThat(up.exitCode()).as(up.output()).isEqualTo(NOTHING_DONE);
    assertThat(up.output()).contains(why);
  }

  private void comesUp(Stack stack, String declaration) throws Exception {
    Run up =
        stack.up(
            "--docker",
            "--no-data",
            "--cluster-file",
            declaration,
            "--certificates",
            hosts.certificates().toString(),
            "--timeout",
            "420");
    assertThat(up.exitCode()).as(up.output()).isZero();
  }

  private void noGroupHasTwoMembersOnOneEngine(Stack stack) throws Exception {
    for (GroupNow group : GroupNow.all(stack)) {
      assertThat(group.members().stream().map(this::host).distinct())
          .as("engines of group " + group.group())
          .hasSameSizeAs(group.members());
    }
  }

  private void losesAMachineAndGetsItBack(Stack stack) throws Exception {
    Rows rows = new Rows(stack);
    rows.write();
    stack.awaitWhole();
    String lost = elsewhereWithMostPrimaries(stack);
    String other = lost.equals("host-2") ? "host-3" : "host-2";
    List<String> members = members(lost);
    hosts.lose(lost);
    try {
      await().atMost(HEALING).until(() -> rows.tryToWrite() && servesWithout(members, stack));
      rows.write();
      rows.assertAllThere();
      assertThat(stack.run("status").output()).contains("the other members refuse");
      theProvisionerBeginsAnewWithoutIt(stack, lost, other);
    } finally {
      hosts.find(lost);
    }
    stack.awaitWhole();
    assertThat(members(lost)).containsExactlyInAnyOrderElementsOf(members);
    rows.assertAllThere();
  }

  /** Its next instance keeps the members of the others, and says which engine is away. */
  private void theProvisionerBeginsAnewWithoutIt(Stack stack, String lost, String other)
      throws Exception {
    hosts.docker("host-1", "restart", stack.containerPrefix() + "-provisioner-1");
    await()
        .atMost(HEALING)
        .until(() ->
            stack
                .quietly("status")
                .output()
                .matches("(?s).*the Docker engine at tcp://198.18.0." + number(lost) + ".*"));
    String member = members(other).getFirst();
    String before = started(stack, other, member);
    hosts.docker(other, "kill", stack.containerPrefix() + "-" + member);
    await()
        .atMost(HEALING)
        .until(
            () -> members(other).contains(member) && !started(stack, other, member).equals(before));
  }

  private void goesWithoutATrace(Stack stack) throws Exception {
    String prefix = stack.containerPrefix();
    Run gone = stack.run("destroy", "--yes");
    assertThat(gone.exitCode()).as(gone.output()).isZero();
    for (String host : hosts.names().toList()) {
      assertThat(hosts.docker(host, "ps", "-aq", "--filter", "name=" + prefix)).isEmpty();
      assertThat(hosts.docker(host, "volume", "ls", "-q", "--filter", "name=" + prefix)).isEmpty();
    }
    assertThat(hosts.docker("host-1", "network", "ls", "-q", "--filter", "name=" + prefix))
        .isEmpty();
    assertThat(stack.state()).doesNotExist();
  }

  private static boolean servesWithout(List<String> lost, Stack stack) throws Exception {
    return GroupNow.all(stack).stream()
        .allMatch(group -> group.settled() && !lost.contains(group.primary()));
  }

  private String elsewhereWithMostPrimaries(Stack stack) throws Exception {
    List<String> primaries = GroupNow.all(stack).stream().map(GroupNow::primary).toList();
    return Stream.of("host-2", "host-3")
        .max(
            Comparator.comparing(
                host -> members(host).stream().filter(primaries::contains).count()))
        .orElseThrow();
  }

  private String host(String member) {
    return hosts.names().filter(host -> members(host).contains(member)).findFirst().orElseThrow();
  }

  /** The members that run on a machine. */
  private List<String> members(String host) {
    return hosts.docker(host, "ps", "--filter", MEMBER, "--format", NAME);
  }

  private String started(Stack stack, String host, String member) throws Exception {
    String container = stack.containerPrefix() + "-" + member;
    return hosts.docker(host, "inspect", "-f", "{{.State.StartedAt}}", container).getFirst();
  }

  private static String number(String host) {
    return host.substring(host.indexOf('-') + 1);
  }
}
