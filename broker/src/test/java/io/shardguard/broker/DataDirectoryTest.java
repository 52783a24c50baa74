package io.shardguard.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {

  @TempDir Path directory;

  @Test
  void keepsTheClusterIdOfAFormattedDirectory() throws Exception {
    new DataDirectory(directory).prepare(BrokerOptions.Quorum.NONE);
    String first = Files.readString(directory.resolve("meta.properties"));
    new DataDirectory(directory).prepare(BrokerOptions.Quorum.NONE);
    assertThat(Files.readString(directory.resolve("meta.properties")))
        .isEqualTo(first)
        .contains("cluster.id=");
  }

  @Test
  void formatsAgainWhatAnInterruptedFirstStartLeft() throws Exception {
    Files.createFile(directory.resolve(".shardguard-formatting"));
    Files.writeString(directory.resolve("bootstrap.checkpoint"), "half");
    new DataDirectory(directory).prepare(BrokerOptions.Quorum.NONE);
    assertThat(directory.resolve("meta.properties")).exists();
    assertThat(directory.resolve(".shardguard-formatting")).doesNotExist();
  }

  @Test
  void refusesADirectoryWithForeignFilesAndTouchesNothing() throws Exception {
    Files.createFile(directory.resolve("PG_VERSION"));
    assertThatThrownBy(() -> new DataDirectory(directory).prepare(BrokerOptions.Quorum.NONE))
        .isInstanceOf(DataDirectory.UnusableException.class)
        .hasMessageContaining("is no Kafka directory");
    assertThat(directory.toFile().list()).containsExactly("PG_VERSION");
  }
}
