package io.shardguard.failpoints;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With a process that passes {@code here} and then returns 7. */
class FailpointsTest {

  private static final Duration BOUND = Duration.ofSeconds(60);

  @TempDir Path directory;

  @Test
  void aPlaceThatIsNotArmedIsPassed() throws Exception {
    assertThat(exitCode(passing())).isEqualTo(7);
  }

  @Test
  void anArmedPlaceEndsTheProcessOnce() throws Exception {
    Files.writeString(directory.resolve("here"), "");

    assertThat(exitCode(passing())).isEqualTo(137);
    assertThat(directory).isEmptyDirectory();
    assertThat(exitCode(passing())).isEqualTo(7);
  }

  @Test
  void anArmedPlaceStopsTheProcessUntilItIsContinued() throws Exception {
    Files.writeString(directory.resolve("here"), "stop\n");

    Process process = passing();
    await().atMost(BOUND).until(() -> state(process) == 'T');
    new ProcessBuilder("kill", "-CONT", Long.toString(process.pid())).start().waitFor();

    assertThat(exitCode(process)).isEqualTo(7);
  }

  @Test
  void withoutADirectoryNothingIsEverArmed() {
    Failpoints.in(Optional.empty()).pass("here");
    assertThat(Failpoints.in(Optional.empty())).isSameAs(Failpoints.OFF);
  }

  /** Passes {@code here}. */
  public static final class Passing {
    private Passing() {}

    /** The argument is the directory. */
    public static void main(String[] arguments) {
      Failpoints.in(Optional.of(Path.of(arguments[0]))).pass("here");
      System.exit(7);
    }
  }

  private Process passing() throws Exception {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            Passing.class.getName(),
            directory.toString())
        .inheritIO()
        .start();
  }

  private static int exitCode(Process process) throws Exception {
    assertThat(process.waitFor(BOUND.toSeconds(), TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }

  private static char state(Process process) throws Exception {
    String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
    return stat.charAt(stat.lastIndexOf(')') + 2);
  }
}
