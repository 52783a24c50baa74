package io.shardguard.provisioner.docker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program behind {@link DockerDisk}, by itself. */
class MemberDiskScriptTest {

  @TempDir Path home;
  private Process process;
  private BufferedReader answers;

  @BeforeEach
  void begin() throws IOException {
    process =
        new ProcessBuilder("../deploy/images/member/member-disk")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    answers = process.inputReader(StandardCharsets.UTF_8);
  }

  @AfterEach
  void end() {
    process.destroyForcibly();
  }

  @Test
  void aFileIsReadAsItWasWrittenAndIsForItsOwnerAlone() throws IOException {
    String text = "größe = '8MB'\n\n# the last line\n";
    String content = Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));

    assertThat(ask("write " + home.resolve("a") + " " + content)).isEqualTo("ok");

    assertThat(ask("read " + home.resolve("a"))).isEqualTo("ok " + content);
    assertThat(home.resolve("a")).hasContent(text);
    assertThat(Files.getPosixFilePermissions(home.resolve("a"))).hasSize(2);
  }

  @Test
  void anEmptyFileIsWrittenAndRead() throws IOException {
    assertThat(ask("write " + home.resolve("a") + " ")).isEqualTo("ok");
    assertThat(home.resolve("a")).isEmptyFile();
    assertThat(ask("read " + home.resolve("a"))).isEqualTo("ok");
  }

  @Test
  void whatIsThereIsToldFromWhatIsNot() throws IOException {
    assertThat(ask("exists " + home)).isEqualTo("ok yes");
    assertThat(ask("exists " + home.resolve("a"))).isEqualTo("ok no");
  }

  @Test
  void aFailureIsAnErrorWithItsReasonAndTheNextRequestIsAnswered() throws IOException {
    assertThat(ask("read " + home.resolve("a"))).startsWith("error").contains("No such file");
    assertThat(ask("exists " + home)).isEqualTo("ok yes");
  }

  @Test
  void nothingIsMovedOverWhatIsThere() throws IOException {
    ask("directory " + home.resolve("a"));
    ask("directory " + home.resolve("b"));

    assertThat(ask("move " + home.resolve("a") + " " + home.resolve("b"))).startsWith("error");
    assertThat(ask("move " + home.resolve("a") + " " + home.resolve("c"))).isEqualTo("ok");
    assertThat(home.resolve("a")).doesNotExist();
    assertThat(home.resolve("c")).isDirectory();
  }

  @Test
  void aDirectoryIsListedByPrefixAndRemovedWithAllThatIsInIt() throws IOException {
    ask("directory " + home.resolve("data.old-1/base"));
    ask("directory " + home.resolve("data.old-keep-loss"));
    ask("directory " + home.resolve("data"));

    assertThat(ask("list " + home + " data.old-")).isEqualTo("ok data.old-1 data.old-keep-loss ");
    assertThat(ask("list " + home.resolve("none") + " x")).isEqualTo("ok ");
    assertThat(ask("list " + home + " ")).isEqualTo("ok data data.old-1 data.old-keep-loss ");
    assertThat(ask("remove " + home.resolve("data.old-1"))).isEqualTo("ok");
    assertThat(ask("remove " + home.resolve("data.old-1"))).isEqualTo("ok");
    assertThat(home.resolve("data.old-1")).doesNotExist();
  }

  @Test
  void sizesAreInBytes() throws IOException {
    Files.write(home.resolve("a"), new byte[100_000]);

    long size = Long.parseLong(ask("size " + home).substring(3));
    long room = Long.parseLong(ask("room " + home).substring(3).strip());

    assertThat(size).isBetween(100_000L, 200_000L);
    assertThat(room).isPositive();
  }

  private String ask(String request) throws IOException {
    process.getOutputStream().write((request + "\n").getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().flush();
    String answer = answers.readLine();
    return answer.equals("ok ") && !request.startsWith("list") ? "ok" : answer;
  }
}
