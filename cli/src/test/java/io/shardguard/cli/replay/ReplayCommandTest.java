package io.shardguard.cli.replay;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardguard.cli.ExitCodes;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ReplayCommandTest {

  private static final Path INCIDENTS = Path.of("../docs/incidents");
  private static final Path HANG = INCIDENTS.resolve("worker-hang.jsonl");

  /** The failover of this incident was decided just before. */
  private static final String AFTER_THE_DECISION = "2026-11-25T15:39:13Z";

  private final StringWriter err = new StringWriter();

  @TempDir private Path directory;

  @Test
  void anIncidentThatIsDecidedAsItWasIsASuccess() {
    assertThat(replay(HANG.toString(), "--to", AFTER_THE_DECISION)).isEqualTo(ExitCodes.OK);
  }

  @Test
  void aDifferenceIsNone() {
    assertThat(replayDecision("failover.failovers-at-most=1")).isEqualTo(ExitCodes.FAILED);
    assertThat(replayDecision("shardguard.failover.failovers-at-most=2")).isEqualTo(ExitCodes.OK);
  }

  @Test
  void aTimeWithoutTheDifferenceIsASuccess() {
    assertThat(
            replay(
                HANG.toString(),
                "--set",
                "failover.failovers-at-most=1",
                "--from",
                AFTER_THE_DECISION,
                "--to",
                "2026-11-25T15:39:14Z"))
        .isEqualTo(ExitCodes.OK);
  }

  private int replayDecision(String setting) {
    return replay(HANG.toString(), "--to", AFTER_THE_DECISION, "--set", setting);
  }

  @Test
  void oneTransitionIsFoundAndAnUnknownOneIsMisuse() throws Exception {
    String id = Files.readString(HANG).replaceAll("(?s).*?\"transition\":\"(g1-e3-\\d+)\".*", "$1");
    assertThat(replay(HANG.toString(), "--transition", id)).isNotEqualTo(ExitCodes.USAGE);
    assertThat(replay(HANG.toString(), "--transition", "g1-e9-1")).isEqualTo(ExitCodes.USAGE);
    assertThat(err.toString()).contains("The log has no transition g1-e9-1");
  }

  @Test
  void aLogThatWasCutIsNoSuccessEvenIfWhatIsLeftIsTheSame() throws Exception {
    List<String> lines = Files.readAllLines(HANG);
    Path cut = Files.write(directory.resolve("cut.jsonl"), lines.subList(0, lines.size() - 3));
    assertThat(replay(cut.toString())).isEqualTo(ExitCodes.FAILED);
  }

  @Test
  void whatIsNoLogOfThisVersionIsMisuse() throws Exception {
    Path empty = Files.createFile(directory.resolve("empty.jsonl"));
    assertThat(replay(empty.toString())).isEqualTo(ExitCodes.USAGE);
    assertThat(err.toString()).contains("empty.jsonl: The log is empty: nothing was replayed.");

    String other = Files.readString(HANG).replaceFirst("\"version\":1", "\"version\":2");
    Path later = Files.writeString(directory.resolve("later.jsonl"), other);
    assertThat(replay(later.toString())).isEqualTo(ExitCodes.USAGE);
    assertThat(err.toString()).contains("line 1: a log of version 2");

    assertThat(replay(directory.toString())).isEqualTo(ExitCodes.USAGE);
  }

  @Test
  void bytesThatAreNoTextAreADamage() throws Exception {
    byte[] whole = Files.readAllBytes(HANG);
    whole[whole.length / 2] = (byte) 0xFF;
    Path torn = Files.write(directory.resolve("torn.jsonl"), whole);
    assertThat(replay(torn.toString())).isEqualTo(ExitCodes.FAILED);
  }

  @Test
  void aGroupAndATransitionAreExplainedFromAFile() {
    Path refusal = INCIDENTS.resolve("standby-then-primary.jsonl");
    assertThat(run("explain", "--log", refusal.toString())).isEqualTo(ExitCodes.OK);
    assertThat(run("explain", "--log", refusal.toString(), "1", "--at", "2026-11-25T15:42:46Z"))
        .isEqualTo(ExitCodes.OK);
    assertThat(run("explain", "--log", refusal.toString(), "7")).isEqualTo(ExitCodes.USAGE);
    assertThat(err.toString()).contains("The log has no group 7");
  }

  private int replay(String... arguments) {
    String[] all = new String[arguments.length + 1];
    all[0] = "replay";
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    return run(all);
  }

  private int run(String... arguments) {
    CommandLine shardguard =
        new CommandLine(new Root())
            .addSubcommand(new ReplayCommand())
            .addSubcommand(new ExplainCommand());
    shardguard.setErr(new PrintWriter(err, true));
    return shardguard.execute(arguments);
  }

  @CommandLine.Command(name = "shardguard")
  private static final class Root {}
}
