package io.shardguard.provisioner.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.shardguard.events.Epoch;
import io.shardguard.events.Event;
import io.shardguard.events.MemberAddress;
import io.shardguard.events.ProvisionerEvent.MemberFenced;
import io.shardguard.events.ProvisionerEvent.RejoinMethod;
import io.shardguard.events.TransitionEvent.TransitionStarted;
import io.shardguard.events.TransitionKind;
import io.shardguard.failpoints.Failpoints;
import io.shardguard.provisioner.TestTopology;
import io.shardguard.provisioner.core.Upstream;
import io.shardguard.provisioner.member.MemberReports;
import io.shardguard.provisioner.member.NewestTopology;
import io.shardguard.provisioner.member.RogueCheck;
import io.shardguard.provisioner.runtime.Member;
import io.shardguard.provisioner.runtime.MemberFiles;
import io.shardguard.provisioner.runtime.MemberRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which news have an old primary ended; the runtime is played. */
class FenceTest {

  private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
  private static final Instant LONG_AGO = NOW.minus(Duration.ofMinutes(1));
  private static final MemberAddress A = new MemberAddress("a", "127.0.11.1", 7410);
  private static final MemberAddress B = new MemberAddress("b", "127.0.11.2", 7410);
  private static final TestTopology LED_BY_A = TestTopology.led(List.of(A, B), 1, "a");
  private static final TestTopology OPEN = LED_BY_A.sealing("t-1", "b");

  private final LinkedBlockingQueue<String> killed = new LinkedBlockingQueue<>();
  private final LinkedBlockingQueue<Event> published = new LinkedBlockingQueue<>();
  private final AtomicInteger looks = new AtomicInteger();
  private volatile TestTopology newest = LED_BY_A;
  private volatile int killsThatFail;

  private final Fence fence =
      new Fence(
          name -> Optional.of(member(name)),
          new PlayedRuntime(),
          new Reports(),
          new Log(),
          new RogueCheck(null, new Log()),
          InstantSource.fixed(NOW),
          new Fence.Aftermath() {
            @Override
            public void rogue(Member member) {}

            @Override
            public void fenced(Member member) {}
          },
          Failpoints.OFF);

  @AfterEach
  void close() {
    fence.close();
  }

  @Test
  void theOldPrimaryIsEndedAtTheNewsOnceWhoeverBringsThem() throws Exception {
    newest = OPEN;
    fence.heed(started("t-1"), NOW);
    fence.heed(OPEN.record(), NOW);
    fence.heed(started("t-1"), NOW);

    assertThat(published.poll(60, TimeUnit.SECONDS))
        .isInstanceOfSatisfying(
            MemberFenced.class, e -> assertThat(e.transition()).isEqualTo("t-1"));
    assertThat(killed).containsExactly("a");
    assertThat(looks).hasValue(0);
    assertThat(fence.isDone(OPEN.record(), member("a"))).isTrue();
  }

  @Test
  void anOldTransitionThatIsReadAgainDoesNotEndTodaysPrimary() {
    fence.heed(started("t-1"), LONG_AGO);
    fence.heed(LED_BY_A.sealing("t-0", "b").record(), LONG_AGO);

    await().atMost(60, TimeUnit.SECONDS).until(() -> looks.get() == 2);
    assertNobodyIsKilled();
  }

  @Test
  void newsThatSeemToComeFromTheFutureAreComparedWithTheLogToo() {
    fence.heed(started("t-1"), NOW.plus(Duration.ofMinutes(1)));

    await().atMost(60, TimeUnit.SECONDS).until(() -> looks.get() == 1);
    assertNobodyIsKilled();
  }

  @Test
  void oldNewsOfATransitionThatIsStillOpenAreActedOn() throws Exception {
    newest = OPEN;
    fence.heed(started("t-1"), LONG_AGO);

    assertThat(killed.poll(60, TimeUnit.SECONDS)).isEqualTo("a");
  }

  @Test
  void oldNewsWaitUntilTheLogsEndIsKnown() throws Exception {
    newest = null;
    fence.heed(started("t-1"), LONG_AGO);
    await().atMost(60, TimeUnit.SECONDS).until(() -> looks.get() >= 2);
    assertThat(killed).isEmpty();

    newest = OPEN;
    assertThat(killed.poll(60, TimeUnit.SECONDS)).isEqualTo("a");
  }

  @Test
  void aFenceThatDoesNotSucceedIsTriedAgainAndReportedOnlyThen() throws Exception {
    killsThatFail = 2;
    newest = OPEN;
    fence.heed(started("t-1"), NOW);

    assertThat(published.poll(60, TimeUnit.SECONDS)).isInstanceOf(MemberFenced.class);
    assertThat(killed).containsExactly("a", "a", "a");
  }

  @Test
  void aResumptionEndsNobody() {
    fence.heed(
        new TransitionStarted(
            1,
            "t-1",
            TransitionKind.RESUMPTION,
            new Epoch(2),
            "a",
            false,
            List.of(),
            "a test",
            List.of()),
        NOW);
    assertNobodyIsKilled();
  }

  /** What is begun is done before close() returns. */
  private void assertNobodyIsKilled() {
    fence.close();
    assertThat(killed).isEmpty();
    assertThat(published).isEmpty();
  }

  private static TransitionStarted started(String transition) {
    return new TransitionStarted(
        1,
        transition,
        TransitionKind.FAILOVER,
        new Epoch(2),
        "a",
        false,
        List.of("b"),
        "a test",
        List.of());
  }

  private static Member member(String name) {
    return new Member(1, name.equals("a") ? A : B, new MemberFiles(Path.of("/nowhere")));
  }

  private final class Log implements NewestTopology {
    @Override
    public Optional<io.shardguard.events.GroupTopology> of(int group) throws TimeoutException {
      looks.incrementAndGet();
      if (newest == null) {
        throw new TimeoutException("a test");
      }
      return Optional.of(newest.record());
    }
  }

  private final class Reports implements MemberReports {
    @Override
    public void publish(Event event) {
      published.add(event);
    }

    @Override
    public void rejoined(RejoinMethod method) {}
  }

  private final class PlayedRuntime implements MemberRuntime {
    @Override
    public void kill(Member member, Duration patience) throws IOException {
      killed.add(member.name());
      if (killsThatFail-- > 0) {
        throw new IOException("a test");
      }
    }

    @Override
    public void onExit(ExitListener listener) {}

    @Override
    public OptionalLong adopt(Member member) {
      return OptionalLong.empty();
    }

    @Override
    public long start(Member member, Optional<Upstream> upstream) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void stop(Member member, Duration patience) {}

    @Override
    public OptionalLong pid(Member member) {
      return OptionalLong.empty();
    }

    @Override
    public Ended run(Member member, List<String> command, String input, Duration limit) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Ended run(List<String> command, Duration limit) {
      throw new UnsupportedOperationException();
    }

    @Override
    public MemberFiles files(String name) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Path secret(Member member, Path file) {
      throw new UnsupportedOperationException();
    }

    @Override
    public String trouble() {
      return "";
    }

    @Override
    public void close() {}
  }
}
