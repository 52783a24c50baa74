package io.shardguard.provisioner.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.shardguard.events.MemberAddress;
import io.shardguard.provisioner.TestSql;
import io.shardguard.provisioner.TestState;
import io.shardguard.provisioner.member.TestMember;
import io.shardguard.testkit.Command;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against a real PostgreSQL. */
class LocalRuntimeTest {

  private static final Duration BOUND = Duration.ofSeconds(60);

  private final TestState state = new TestState("");
  private final LinkedBlockingQueue<String> ends = new LinkedBlockingQueue<>();
  private LocalRuntime runtime;
  private Member member;

  @BeforeEach
  void makeAMember() throws Exception {
    runtime = runtime();
    member = TestMember.made(state, runtime, "worker-1a");
  }

  @AfterEach
  void removeAll() {
    runtime.close();
    state.close();
  }

  @Test
  void aMemberStartsAsAStandbyEvenAfterItWasAPrimary() throws Exception {
    runtime.start(member, Optional.empty());
    awaitRecovery("t");
    sql("ALTER SYSTEM SET primary_conninfo = 'host=127.0.0.1 port=1'");
    sql("ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 (\"worker-1b\")'");
    sql("SELECT pg_promote(false)");
    awaitRecovery("f");

    runtime.stop(member, BOUND);
    runtime.start(member, Optional.empty());

    awaitRecovery("t");
    assertThat(value("SHOW primary_conninfo")).isEmpty();
    assertThat(value("SHOW synchronous_standby_names")).contains("worker-1b");
  }

  @Test
  void theEndOfAKilledPostmasterIsReportedWhenNoProcessOfItIsLeft() throws Exception {
    long pid = runtime.start(member, Optional.empty());
    awaitRecovery("t");

    long begun = System.nanoTime();
    ProcessHandle.of(pid).orElseThrow().destroyForcibly();

    assertThat(ends.poll(60, TimeUnit.SECONDS)).contains("signal 9");
    System.out.printf(
        "own member's end reported after %d ms%n", (System.nanoTime() - begun) / 1_000_000);
    assertThat(ProcessTable.workingIn(member.files().data())).isEmpty();
    assertThat(runtime.pid(member)).isEmpty();
  }

  @Test
  void aMemberOutlivesItsRuntimeAndTheNextOneAdoptsItAndSeesItsEnd() throws Exception {
    long pid = runtime.start(member, Optional.empty());
    awaitRecovery("t");
    runtime.close();

    runtime = runtime();
    assertThat(runtime.adopt(member)).hasValue(pid);
    assertThat(value("SELECT 1")).isEqualTo("1");
    long begun = System.nanoTime();
    ProcessHandle.of(pid).orElseThrow().destroyForcibly();

    assertThat(ends.poll(60, TimeUnit.SECONDS)).contains("is gone");
    System.out.printf(
        "adopted member's end reported after %d ms%n", (System.nanoTime() - begun) / 1_000_000);
  }

  @Test
  void killEndsEveryProcessOfAFrozenMemberAndMayBeRepeated() throws Exception {
    long pid = runtime.start(member, Optional.empty());
    awaitRecovery("t");
    Command.run(Map.of(), List.of("kill", "-STOP", Long.toString(pid)));

    runtime.kill(member, BOUND);
    runtime.kill(member, BOUND);

    assertThat(ProcessTable.workingIn(member.files().data())).isEmpty();
    assertThat(ends.poll(60, TimeUnit.SECONDS)).contains("signal 9");
    await().during(Duration.ofMillis(200)).atMost(BOUND).until(ends::isEmpty);
  }

  @Test
  void aMemberStartsAfterAKillWhateverItsLockFileSays() throws Exception {
    runtime.start(member, Optional.empty());
    awaitRecovery("t");
    runtime.kill(member, BOUND);
    assertThat(ends.poll(60, TimeUnit.SECONDS)).isNotNull();
    Files.writeString(
        member.files().data().resolve("postmaster.pid"),
        ProcessHandle.current().pid() + "\n/nowhere\n");

    runtime.start(member, Optional.empty());

    awaitRecovery("t");
    assertThat(value("SELECT count(*) FROM pg_roles WHERE rolname = 'shardguard_monitor'"))
        .isEqualTo("1");
  }

  @Test
  void nobodyEntersOverTcpWithoutTheRightPassword() throws Exception {
    runtime.start(member, Optional.empty());
    awaitRecovery("t");
    MemberAddress address = member.address();

    assertThat(TestSql.value(address, "app", "citus", "SELECT current_user")).isEqualTo("app");
    assertThat(TestMember.loginFailure(address, "app", "wrong"))
        .contains("password authentication failed");
  }

  private LocalRuntime runtime() {
    LocalRuntime made =
        new LocalRuntime(
            state.directory().resolve("members"),
            TestMember.BIN,
            state.secrets().resolve("pgpass"),
            new ServerUser(),
            new MemberNamespaces(Optional.empty()));
    made.onExit((which, reason) -> ends.add(reason));
    return made;
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
}
