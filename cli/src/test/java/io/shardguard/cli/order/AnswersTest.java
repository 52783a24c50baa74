package io.shardguard.cli.order;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardguard.events.Command.FailOver;
import io.shardguard.events.Command.Pause;
import io.shardguard.events.Envelope;
import io.shardguard.events.Envelope.Cause;
import io.shardguard.events.Epoch;
import io.shardguard.events.Event;
import io.shardguard.events.EventCodec;
import io.shardguard.events.OperatorEvent.CommandRefused;
import io.shardguard.events.OperatorEvent.FailoversPaused;
import io.shardguard.events.ReplicationEvent.FailoverRefused;
import io.shardguard.events.ReplicationEvent.Refusal;
import io.shardguard.events.Timeline;
import io.shardguard.events.Topics;
import io.shardguard.events.TransitionEvent.StandbyPromoted;
import io.shardguard.events.TransitionEvent.TransitionAbandoned;
import io.shardguard.events.TransitionEvent.TransitionCompleted;
import io.shardguard.events.TransitionEvent.TransitionStarted;
import io.shardguard.events.TransitionKind;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class AnswersTest {

  private static final Cause FIRST = new Cause(Topics.COMMANDS, 3, 17);
  private static final Cause SECOND = new Cause(Topics.COMMANDS, 3, 18);

  private final Answers answers = new Answers();

  @Test
  void aPauseIsAnsweredByTheEventThatNamesIt() {
    answers.await(FIRST, new Pause(1));
    assertThat(answers.take(caused(SECOND, new FailoversPaused(1, "somebody else")))).isEmpty();
    assertThat(answers.complete()).isFalse();
    assertThat(answers.take(caused(FIRST, new FailoversPaused(1, "me"))))
        .hasValue("group 1: automatic failovers are paused, by me");
    assertThat(answers.complete()).isTrue();
    assertThat(answers.refused()).isFalse();
  }

  @Test
  void oneRefusalOfSeveralIsOne() {
    answers.await(FIRST, new Pause(1));
    answers.await(SECOND, new Pause(2));
    answers.take(caused(FIRST, new CommandRefused(1, "pause", "me", "there is no group 1")));
    assertThat(answers.complete()).isFalse();
    answers.take(caused(SECOND, new FailoversPaused(2, "me")));
    assertThat(answers.complete()).isTrue();
    assertThat(answers.refused()).isTrue();
  }

  @Test
  void aFailoverIsDoneOnceItsTransitionIsCompleted() {
    answers.await(FIRST, new FailOver(1, false));
    answers.take(caused(FIRST, started("t-2")));
    assertThat(answers.underWay()).containsExactly(1);
    assertThat(answers.take(of(new TransitionCompleted(1, "t-1", "b", new Epoch(1), 5)))).isEmpty();
    assertThat(answers.take(of(new StandbyPromoted(1, "t-2", "b", new Timeline(2), 5))))
        .isPresent();
    assertThat(answers.complete()).isFalse();
    answers.take(of(new TransitionCompleted(1, "t-2", "b", new Epoch(2), 5)));
    assertThat(answers.complete()).isTrue();
    assertThat(answers.refused()).isFalse();
  }

  @Test
  void theTransitionThatIsAbandonedForTheOrderedOneIsNotIt() {
    answers.await(FIRST, new FailOver(1, true));
    assertThat(answers.take(caused(FIRST, new TransitionAbandoned(1, "t-1", "it waits"))))
        .isPresent();
    assertThat(answers.complete()).isFalse();
    answers.take(caused(FIRST, started("t-2")));
    answers.take(of(new TransitionAbandoned(1, "t-2", "the primary is back")));
    assertThat(answers.complete()).isTrue();
    assertThat(answers.refused()).isTrue();
  }

  @Test
  void aFailoverThatWasBegunCanBeRefusedStill() {
    answers.await(FIRST, new FailOver(1, false));
    FailoverRefused diverged =
        new FailoverRefused(1, Refusal.ELIGIBLE_STANDBY_DIVERGED, "another history", List.of());
    assertThat(answers.take(of(diverged))).isEmpty();
    answers.take(caused(FIRST, started("t-2")));
    assertThat(answers.take(of(diverged))).hasValue("group 1: no failover: another history");
    assertThat(answers.complete()).isTrue();
    assertThat(answers.refused()).isTrue();
  }

  private static TransitionStarted started(String id) {
    return new TransitionStarted(
        1,
        id,
        TransitionKind.FAILOVER,
        new Epoch(2),
        "a",
        false,
        List.of("b"),
        "ordered by me",
        List.of());
  }

  private static Envelope<Event> of(Event event) {
    return EventCodec.envelope("1", "test", Instant.EPOCH, "demo", List.of(), event);
  }

  private static Envelope<Event> caused(Cause cause, Event event) {
    return EventCodec.envelope("1", "test", Instant.EPOCH, "demo", List.of(cause), event);
  }
}
