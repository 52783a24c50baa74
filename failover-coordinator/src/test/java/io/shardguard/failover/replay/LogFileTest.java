package io.shardguard.failover.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shardguard.failover.replay.Judgement.Outcome;
import io.shardguard.failover.replay.RecordedLog.Problem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wrong with a log is said with its line, and the rest is replayed. */
class LogFileTest {

  private final List<String> lines = new ArrayList<>(Recording.ofAFailover().lines(false));
  private final int whole = replay(lines).size();

  @Test
  void aWholeLogHasNoProblems() {
    RecordedLog log = Recording.read(lines);
    assertThat(log.problems()).isEmpty();
    assertThat(log.damaged()).isFalse();
    assertThat(log.cluster()).isEqualTo("demo");
  }

  @Test
  void aLogThatIsCutInTheMiddleOfARecordIsReplayedUpToThere() {
    int half = lines.size() / 2;
    List<String> cut = new ArrayList<>(lines.subList(0, half));
    cut.add(lines.get(half).substring(0, lines.get(half).length() / 2));
    RecordedLog log = Recording.read(cut);
    assertThat(log.damaged()).isTrue();
    assertThat(only(log)).startsWith("line " + (half + 1) + ": cut in the middle of a record");
    assertThat(replay(cut)).hasSizeBetween(1, whole - 1).allMatch(LogFileTest::same);
  }

  @Test
  void aLogThatIsCutBetweenRecordsIsFoundOutByItsMissingLastLine() {
    List<String> cut = lines.subList(0, lines.size() / 2);
    RecordedLog log = Recording.read(cut);
    assertThat(log.damaged()).isTrue();
    assertThat(only(log))
        .isEqualTo(
            "line " + cut.size() + ": the log's last line is missing: it was cut after this one");
    assertThat(replay(cut)).hasSizeBetween(1, whole - 1).allMatch(LogFileTest::same);
  }

  @Test
  void aLogOfWhichTheBeginningWasCutSaysWhichDecisionsItCannotJudge() {
    List<String> tail = lines.subList(lines.size() / 2, lines.size());
    List<Judgement> judgements = replay(tail);
    assertThat(Recording.read(tail).damaged()).as("the last line counts the records").isTrue();
    assertThat(judgements).anyMatch(j -> j.outcome() != Outcome.SAME);
  }

  @Test
  void aMissingRecordIsNoticed() {
    lines.remove(5);
    assertThat(only(Recording.read(lines)))
        .contains("the log had " + (lines.size() - 1) + " records, " + (lines.size() - 2));
  }

  @Test
  void anInputThatIsMissingMakesItsDecisionUndecidable() {
    int fenced = index("member-fenced.v1\"");
    lines.remove(fenced);
    assertThat(replay(lines))
        .filteredOn(j -> !same(j))
        .singleElement()
        .satisfies(j -> {
          assertThat(j.outcome()).isEqualTo(Outcome.UNDECIDABLE);
          assertThat(j.why()).contains("the log does not have its input shardguard.events/3@");
        });
  }

  @Test
  void anObservationThatIsMissingMakesDecisionsUndecidable() {
    int carrying = index("\"observations\":[");
    lines.set(carrying, lines.get(carrying).replace("\"observations\":[", "\"gone\":["));
    assertThat(replay(lines))
        .anySatisfy(j -> {
          assertThat(j.outcome()).isEqualTo(Outcome.UNDECIDABLE);
          assertThat(j.why()).contains("the log does not have what m1 saw at 2026-11-23T");
        });
  }

  @Test
  void aLogOfAnotherVersionIsNotGuessedAt() {
    lines.set(0, lines.getFirst().replace("\"version\":1", "\"version\":2"));
    assertThatThrownBy(() -> LogFile.read(lines.iterator()))
        .isInstanceOf(UnusableLogException.class)
        .hasMessage(
            "line 1: a log of version 2; this program reads version 1. Nothing was replayed.");
  }

  @Test
  void anEventOfALaterVersionIsNamedAndPassedOver() {
    lines.add(
        3,
        """
        {"topic":"shardguard.events","partition":3,"offset":5,"timestamp":"2026-11-23T12:00:00Z","key":"demo",\
        "value":{"id":"x","source":"provisioner","type":"io.shardguard.member-sang.v1","data":{}}}\
        """);
    countAgain();
    RecordedLog log = Recording.read(lines);
    assertThat(log.damaged()).isFalse();
    assertThat(only(log))
        .isEqualTo(
            "line 4: shardguard.events/3@5 is an event that this version does not know (io.shardguard.member-sang.v1)");
    assertThat(replay(lines)).hasSize(whole).allMatch(LogFileTest::same);
  }

  @Test
  void aDecisionWithAnUnknownPartIsNotJudged() {
    int completed = index("transition-completed.v1\"");
    lines.set(completed, lines.get(completed).replace("transition-completed.v1", "finished.v1"));
    assertThat(replay(lines))
        .filteredOn(j -> !same(j))
        .anySatisfy(j -> {
          assertThat(j.outcome()).isEqualTo(Outcome.UNDECIDABLE);
          assertThat(j.why()).contains("io.shardguard.finished.v1");
        });
  }

  @Test
  void linesOutOfOrderAreSortedAndNamed() {
    Collections.swap(lines, 4, 5);
    RecordedLog log = Recording.read(lines);
    assertThat(log.damaged()).isFalse();
    assertThat(only(log)).startsWith("line 6: ").contains("not in the log's order");
    assertThat(replay(lines)).hasSize(whole).allMatch(LogFileTest::same);
  }

  @Test
  void aRecordThatStandsTwiceIsTakenOnce() {
    lines.add(5, lines.get(4));
    countAgain();
    assertThat(only(Recording.read(lines))).startsWith("line 6: ").contains("stands twice");
    assertThat(replay(lines)).hasSize(whole).allMatch(LogFileTest::same);
  }

  @Test
  void aLineThatIsNoJsonIsNamedAndTheRestReplayed() {
    lines.add(4, "-- cut here --");
    RecordedLog log = Recording.read(lines);
    assertThat(log.damaged()).isTrue();
    assertThat(only(log)).startsWith("line 5: no JSON, left out");
    assertThat(replay(lines)).hasSize(whole).allMatch(LogFileTest::same);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "7",
        "{}",
        "{\"topic\":\"shardguard.events\"}",
        "{\"topic\":\"shardguard.events\",\"offset\":99,\"timestamp\":\"noon\",\"value\":{}}"
      })
  void aLineThatIsNoRecordIsNamed(String line) {
    lines.add(4, line);
    countAgain();
    RecordedLog log = Recording.read(lines);
    assertThat(log.damaged()).isTrue();
    assertThat(only(log)).startsWith("line 5: no record of the log, left out");
    assertThat(replay(lines)).hasSize(whole).allMatch(LogFileTest::same);
  }

  @Test
  void aRecordThatNobodyCouldReadSpoilsNothing() {
    lines.add(
        3,
        """
        {"topic":"shardguard.events","partition":3,"offset":5,"timestamp":"2026-11-23T12:00:00Z","key":"demo",\
        "valueBase64":"AAEC"}\
        """);
    countAgain();
    assertThat(only(Recording.read(lines))).startsWith("line 4: ").contains("cannot be read");
    assertThat(replay(lines)).hasSize(whole).allMatch(LogFileTest::same);
  }

  @Test
  void anExportOfOldWithoutFirstAndLastLineIsALogToo() {
    List<String> old = lines.subList(1, lines.size() - 1);
    assertThat(Recording.read(old).problems()).isEmpty();
    assertThat(replay(old)).hasSize(whole).allMatch(LogFileTest::same);
  }

  @Test
  void anEmptyLogIsNone() {
    for (List<String> empty : List.of(List.<String>of(), List.of("", " "))) {
      assertThatThrownBy(() -> LogFile.read(empty.iterator()))
          .isInstanceOf(UnusableLogException.class)
          .hasMessageContaining("The log is empty");
    }
    assertThat(replay(List.of(lines.getFirst(), LogFile.end(0)))).isEmpty();
  }

  @Test
  void anotherFileIsNoLog() {
    assertThatThrownBy(() -> LogFile.read(List.of("cluster: demo", "groups:").iterator()))
        .isInstanceOf(UnusableLogException.class)
        .hasMessageStartingWith("No log: line 1: no JSON");
  }

  @Test
  void twoClustersAreNoLog() {
    lines.set(4, lines.get(4).replace("\"key\":\"demo\"", "\"key\":\"other\""));
    assertThatThrownBy(() -> LogFile.read(lines.iterator()))
        .isInstanceOf(UnusableLogException.class)
        .hasMessageContaining("demo, other");
  }

  @Test
  void bytesThatAreNoTextEndTheLog() {
    Iterator<String> good = lines.subList(0, 6).iterator();
    Iterator<String> torn =
        new Iterator<>() {
          @Override
          public boolean hasNext() {
            return true;
          }

          @Override
          public String next() {
            if (good.hasNext()) {
              return good.next();
            }
            throw new UncheckedIOException(new IOException("malformed"));
          }
        };
    try {
      RecordedLog log = LogFile.read(torn);
      assertThat(only(log)).isEqualTo("line 7: cut in the middle of a record: malformed");
      assertThat(log.entries()).hasSize(5);
    } catch (UnusableLogException e) {
      throw new AssertionError(e);
    }
  }

  private int index(String part) {
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).contains(part)) {
        return i;
      }
    }
    throw new AssertionError(part);
  }

  private void countAgain() {
    lines.set(lines.size() - 1, LogFile.end(lines.size() - 2));
  }

  private static String only(RecordedLog log) {
    assertThat(log.problems()).hasSize(1);
    Problem problem = log.problems().getFirst();
    return problem.toString();
  }

  private static List<Judgement> replay(List<String> lines) {
    return Replay.of(Recording.read(lines), ReplayOptions.EVERYTHING);
  }

  private static boolean same(Judgement judgement) {
    return judgement.outcome() == Outcome.SAME;
  }
}
