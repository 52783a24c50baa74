package io.shardguard.provisioner.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.shardguard.clusterspec.MemberLimits;
import io.shardguard.clusterspec.MemberNetwork;
import io.shardguard.events.MemberAddress;
import io.shardguard.provisioner.TestSql;
import io.shardguard.provisioner.TestState;
import io.shardguard.provisioner.docker.DockerEngines.Endpoint;
import io.shardguard.provisioner.member.Secrets;
import io.shardguard.provisioner.member.TestMember;
import io.shardguard.provisioner.runtime.Member;
import io.shardguard.provisioner.runtime.MemberRuntime.Ended;
import io.shardguard.testkit.Command;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/** Against a real Docker engine, with the image shardguard/member. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@EnabledIfEnvironmentVariable(
    named = "SHARDGUARD_TEST_DOCKER",
    matches = ".+",
    disabledReason = "NOT RUN on containers: ./shardguard test --docker does")
class DockerRuntimeTest {

  private static final String HOST =
      System.getenv().getOrDefault("DOCKER_HOST", "unix:///var/run/docker.sock");
  private static final Duration BOUND = Duration.ofSeconds(120);
  private static final String PREFIX = "sgtest" + ProcessHandle.current().pid();
  private static final MemberNetwork NETWORK = MemberNetwork.of("10.251.0.0/16");

  private static final String WORK = "label=" + DockerPlace.LABEL_ROLE + "=work";

  private final LinkedBlockingQueue<String> ends = new LinkedBlockingQueue<>();
  private TestState state;
  private DockerEngines runtime;
  private Member member;

  @BeforeAll
  void makeAMember() throws Exception {
    state = new TestState("");
    docker("network", "create", "--subnet", NETWORK.toString(), PREFIX);
    try (DockerEngines first = open("tested")) {
      TestMember.make(member(first), first, NETWORK, new Secrets(state.secrets()));
    }
  }

  @AfterAll
  void removeAll() {
    if (state != null) {
      for (String container : docker("ps", "-aq", "--filter", "label=" + label()).split("\\s+")) {
        docker("rm", "-f", container);
      }
      docker("volume", "rm", "-f", PREFIX + "-worker-1a");
      docker("network", "rm", PREFIX);
      state.close();
    }
  }

  @BeforeEach
  void openARuntime() throws Exception {
    runtime = open("tested");
    runtime.onExit((which, reason) -> ends.add(reason));
    member = member(runtime);
    runtime.adopt(member);
  }

  @AfterEach
  void endTheMember() throws Exception {
    runtime.kill(member, BOUND);
    runtime.close();
    ends.clear();
  }

  @Test
  void aMemberStartsAsAStandbyEvenAfterItWasAPrimary() throws Exception {
    runtime.start(member, Optional.empty());
    awaitRecovery("t");
    sql("ALTER SYSTEM SET primary_conninfo = 'host=127.0.0.1 port=1'");
    sql("SELECT pg_promote(false)");
    awaitRecovery("f");

    runtime.stop(member, BOUND);
    docker("start", PREFIX + "-worker-1a"); // By hand, past the provisioner.

    awaitRecovery("t");
    assertThat(value("SHOW primary_conninfo")).isEmpty();
  }

  @Test
  void theEndOfAKilledMemberIsReportedByTheEngine() throws Exception {
    long pid = runtime.start(member, Optional.empty());
    awaitRecovery("t");
    assertThat(runtime.pid(member)).hasValue(pid);

    long begun = System.nanoTime();
    docker("kill", PREFIX + "-worker-1a");

    assertThat(ends.poll(BOUND.toSeconds(), TimeUnit.SECONDS)).contains("signal 9");
    System.out.printf(
        "a container's end reported %d ms after docker kill was called%n",
        (System.nanoTime() - begun) / 1_000_000);
    assertThat(runtime.pid(member)).isEmpty();
  }

  @Test
  void aMemberThatIsPausedIsEndedToo() throws Exception {
    runtime.start(member, Optional.empty());
    awaitRecovery("t");
    docker("pause", PREFIX + "-worker-1a");

    runtime.kill(member, BOUND);

    assertThat(ends.poll(BOUND.toSeconds(), TimeUnit.SECONDS)).contains("signal 9");
    assertThat(docker("inspect", "-f", "{{.State.Running}}", PREFIX + "-worker-1a"))
        .contains("false");
  }

  @Test
  void aMemberOutlivesItsRuntimeAndTheNextOneAdoptsItAndSeesItsEnd() throws Exception {
    long pid = runtime.start(member, Optional.empty());
    awaitRecovery("t");
    runtime.close();

    runtime = open("tested");
    runtime.onExit((which, reason) -> ends.add(reason));
    member = member(runtime);
    assertThat(runtime.adopt(member)).hasValue(pid);
    docker("kill", PREFIX + "-worker-1a");

    assertThat(ends.poll(BOUND.toSeconds(), TimeUnit.SECONDS)).contains("ended by signal 9");
  }

  @Test
  void aMemberThatWasDisconnectedFromItsNetworkIsConnectedAtItsNextStart() throws Exception {
    runtime.start(member, Optional.empty());
    awaitRecovery("t");
    docker("network", "disconnect", PREFIX, PREFIX + "-worker-1a");
    runtime.kill(member, BOUND);

    runtime.start(member, Optional.empty());

    awaitRecovery("t");
  }

  @Test
  void aProgramBesideAMemberReadsItsInputAndLeavesNoContainer() throws Exception {
    Ended ended =
        runtime.run(
            member, List.of("sh", "-c", "cat; echo to-stderr >&2; exit 3"), "typed\n", BOUND);

    assertThat(ended.exitCode()).isEqualTo(3);
    assertThat(ended.output()).contains("typed").contains("to-stderr");
    await()
        .atMost(BOUND)
        .until(
            () -> docker("ps", "-aq", "--filter", "label=" + label(), "--filter", WORK).isBlank());
  }

  @Test
  void aVolumeOfAnotherClusterIsLeftAlone() {
    assertThatThrownBy(() -> open("other"))
        .hasMessageContaining("is not of member worker-1a of cluster other")
        .hasMessageContaining("left alone");
  }

  @Test
  void aMissingImageIsNamed() {
    DockerPlace place = place("tested", "shardguard/none:0");

    assertThatThrownBy(() ->
            DockerEngines.open(
                Map.of("here", new Endpoint(HOST, Optional.empty(), List.of("worker-1a"))),
                place,
                state.secrets()))
        .hasMessageContaining("shardguard/none:0 is not on the Docker engine");
  }

  @Test
  void aContainerOfSomebodyElseWithTheMembersNameIsLeftAlone() throws Exception {
    docker("rm", "-f", PREFIX + "-worker-1a");
    docker(
        "create",
        "--name",
        PREFIX + "-worker-1a",
        "--entrypoint",
        "sleep",
        "shardguard/member:latest",
        "1");
    try {
      assertThatThrownBy(() -> runtime.start(member, Optional.empty()))
          .hasMessageContaining("is there already and is not member worker-1a");
    } finally {
      docker("rm", "-f", PREFIX + "-worker-1a");
    }
  }

  private DockerEngines open(String cluster) throws Exception {
    return DockerEngines.open(
        Map.of("here", new Endpoint(HOST, Optional.empty(), List.of("worker-1a"))),
        place(cluster, "shardguard/member:latest"),
        state.secrets().resolve("pgpass"));
  }

  private static DockerPlace place(String cluster, String image) {
    return new DockerPlace(
        cluster,
        PREFIX,
        PREFIX,
        image,
        TestMember.BIN,
        Path.of("/var/lib/shardguard/members"),
        MemberLimits.NONE);
  }

  private static Member member(DockerEngines of) {
    return new Member(
        1, new MemberAddress("worker-1a", NETWORK.host(1, 0), 7410), of.files("worker-1a"));
  }

  private static String label() {
    return DockerPlace.LABEL_PREFIX + "=" + PREFIX;
  }

  private void awaitRecovery(String answer) {
    TestSql.awaitRecovery(member.address(), answer, BOUND);
  }

  private void sql(String statement) throws Exception {
    TestSql.run(member.address(), "postgres", "postgres", statement);
  }

  private String value(String query) throws Exception {
    return TestSql.value(member.address(), "postgres", "postgres", query);
  }

  private static String docker(String... words) {
    List<String> command = new java.util.ArrayList<>(List.of("docker"));
    command.addAll(List.of(words));
    return Command.run(Map.of(), command).output().strip();
  }
}
