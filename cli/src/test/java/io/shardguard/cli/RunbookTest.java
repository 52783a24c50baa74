package io.shardguard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardguard.events.Diagnosis;
import io.shardguard.events.ReplicationEvent.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/runbook.md against the contract. */
class RunbookTest {

  private static final Pattern ENTRY = Pattern.compile("(?ms)^### ([A-Z_]+)$(.*?)(?=^###|\\z)");

  @Test
  void everyDiagnosisHasItsEntryAndNoOther() throws IOException {
    assertThat(entries("Diagnoses")).isEqualTo(names(Diagnosis.values()));
  }

  @Test
  void everyRefusalHasItsEntryAndNoOther() throws IOException {
    assertThat(entries("Refusals")).isEqualTo(names(Refusal.values()));
  }

  private static List<String> entries(String heading) throws IOException {
    Matcher chapter =
        Pattern.compile("(?ms)^## " + heading + "$(.*?)(?=^## |\\z)")
            .matcher(Files.readString(Path.of("..", "docs", "runbook.md")));
    assertThat(chapter.find()).isTrue();
    return ENTRY.matcher(chapter.group(1)).results().map(RunbookTest::name).toList();
  }

  private static String name(MatchResult entry) {
    assertThat(entry.group(2))
        .as(entry.group(1))
        .containsSubsequence("\n**Means** ", "\n**Shardguard** ", "\n**You** ");
    return entry.group(1);
  }

  private static List<String> names(Enum<?>... values) {
    return Stream.of(values).map(Enum::name).toList();
  }
}
