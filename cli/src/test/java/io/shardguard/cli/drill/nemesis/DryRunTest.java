package io.shardguard.cli.drill.nemesis;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardguard.cli.Terminal;
import io.shardguard.events.Epoch;
import io.shardguard.events.Event;
import io.shardguard.events.Lsn;
import io.shardguard.events.ReplicationEvent.FailoverRefused;
import io.shardguard.events.ReplicationEvent.Refusal;
import io.shardguard.events.TransitionEvent.PromotionStarted;
import io.shardguard.events.TransitionEvent.TransitionStarted;
import io.shardguard.events.TransitionKind;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class DryRunTest {

  private static final Instant NOW = Instant.parse("2026-11-25T08:00:00Z");
  private static final Event BEGUN =
      new TransitionStarted(
          1,
          "g1-e2-1",
          TransitionKind.FAILOVER,
          new Epoch(2),
          "w-a",
          false,
          List.of("w-b"),
          "the primary is down",
          List.of());
  private static final Event CHOSEN =
      new PromotionStarted(1, "g1-e2-1", "w-b", Lsn.ZERO, List.of());
  private static final Event REFUSED =
      new FailoverRefused(1, Refusal.PAUSED, "paused by somebody", List.of("w-a is DOWN"));

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final DryRun run = new DryRun(new Terminal(new PrintStream(out, true)));

  @Test
  void aGroupWhoseCandidateIsChosenHasAPrimary() {
    run.decided(NOW, List.of(BEGUN, CHOSEN), List.of());
    assertThat(run.everyGroupHasAPrimary()).isTrue();
  }

  @Test
  void aGroupThatIsRefusedAPrimaryHasNone() {
    run.decided(NOW, List.of(REFUSED), List.of());
    assertThat(run.everyGroupHasAPrimary()).isFalse();
    assertThat(run.sum()).contains("Group 1 is refused a primary: PAUSED.");
  }

  @Test
  void aGroupWhoseStandbyCannotBeSealedHasNone() {
    run.decided(NOW, List.of(BEGUN), List.of());
    assertThat(run.sum()).contains("Group 1 waits for w-b.");
  }

  @Test
  void whoDecidedIsSaidOfEachDecision() {
    run.decided(NOW, List.of(REFUSED), List.of());
    run.decidedLive(NOW, BEGUN);
    assertThat(out.toString(StandardCharsets.UTF_8))
        .containsPattern("shadow +group 1: no failover")
        .containsPattern("live +group 1: failover from w-a begins");
    assertThat(run.sum()).contains("1 decisions of the shadow, 1 events of the live");
  }
}
