package io.shardguard.failover.explain;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardguard.events.Command;
import io.shardguard.events.Diagnosis;
import io.shardguard.events.Epoch;
import io.shardguard.events.Event;
import io.shardguard.events.EventCodec;
import io.shardguard.events.Lsn;
import io.shardguard.events.MonitorEvent.NodeDown;
import io.shardguard.events.OperatorEvent.CommandRefused;
import io.shardguard.events.Timeline;
import io.shardguard.events.TransitionEvent.DataLossAccepted;
import io.shardguard.events.TransitionEvent.OldPrimaryEnded;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class EventSentenceTest {

  static Collection<Class<? extends Event>> types() {
    return EventCodec.types().values();
  }

  @ParameterizedTest
  @MethodSource("types")
  void everyEventHasASentenceInWords(Class<? extends Event> type)
      throws ReflectiveOperationException {
    assertThat(EventSentence.of(sample(type)))
        .isNotBlank()
        .doesNotContain("null", "[]", "Optional", "@", "\n");
  }

  @Test
  void aDownMemberIsNamedWithTheEvidence() {
    NodeDown event =
        new NodeDown(
            1, "worker-1a", "m1", Diagnosis.PROCESS_EXITED, List.of("postmaster 17 is gone"), 40);
    assertThat(EventSentence.of(event))
        .isEqualTo(
            "worker-1a is down: The runtime saw the member's process end. Last answer 40 ms before. [postmaster 17 is gone]");
  }

  @Test
  void aGroupThatNeverHadAPrimaryHasNoOldOne() {
    assertThat(EventSentence.of(new OldPrimaryEnded(1, "t", null, "")))
        .isEqualTo("there is no old primary");
  }

  @Test
  void aRefusedCommandIsNamedAsOperatorsNameIt() {
    String name = new Command.StartMaintenance(1, "worker-1a").wireName();
    assertThat(EventSentence.of(new CommandRefused(1, name, "cli/me@here", "there is none")))
        .isEqualTo("start-maintenance of cli/me@here is not carried out: there is none");
  }

  @Test
  void aLossIsARangeOnlyWhereMoreWasSeenThanIsKept() {
    Lsn kept = Lsn.parse("0/100");
    assertThat(EventSentence.of(new DataLossAccepted(1, "t", "a", kept, Lsn.parse("0/300"))))
        .isEqualTo("acknowledged commits from 0/100 to 0/300 may be lost that a had");
    assertThat(EventSentence.of(new DataLossAccepted(1, "t", "a", kept, kept)))
        .isEqualTo("acknowledged commits after 0/100, if there were any, may be lost that a had");
  }

  private static <T> T sample(Class<T> type) throws ReflectiveOperationException {
    RecordComponent[] components = type.getRecordComponents();
    Class<?>[] types =
        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
    Object[] values = new Object[types.length];
    for (int i = 0; i < types.length; i++) {
      values[i] = value(types[i]);
    }
    return type.getDeclaredConstructor(types).newInstance(values);
  }

  private static Object value(Class<?> type) {
    if (type == int.class) {
      return 1;
    }
    if (type == long.class) {
      return 17L;
    }
    if (type == boolean.class) {
      return true;
    }
    if (type == String.class) {
      return "words";
    }
    if (type.isEnum()) {
      return type.getEnumConstants()[0];
    }
    return Map.of(
            List.class,
            List.of(),
            Map.class,
            Map.of(),
            Epoch.class,
            new Epoch(2),
            Timeline.class,
            new Timeline(3),
            Lsn.class,
            Lsn.parse("0/16B3740"))
        .get(type);
  }
}
