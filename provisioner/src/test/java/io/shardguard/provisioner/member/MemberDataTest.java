package io.shardguard.provisioner.member;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shardguard.provisioner.runtime.MemberDisk;
import io.shardguard.provisioner.runtime.MemberFiles;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemberDataTest {

  @TempDir Path home;

  private final MemberData ours = new MemberData("demo", "15");
  private MemberFiles files;

  @BeforeEach
  void makeData() throws Exception {
    files = new MemberFiles(home);
    Files.createDirectories(files.conf());
    Files.createDirectories(files.data());
    Files.writeString(files.data().resolve("PG_VERSION"), "15\n");
  }

  @Test
  void takesItsOwnMarkedDirectory() throws Exception {
    ours.mark(files, "a", "7001", true);

    assertThat(ours.present(files, "a")).isTrue();
    assertThat(ours.marker(files))
        .hasValueSatisfying(m -> assertThat(m.systemIdentifier()).isEqualTo("7001"));
  }

  @Test
  void leavesAnotherClustersDirectoryAloneAndSaysWhoseItIs() throws Exception {
    new MemberData("other", "15").mark(files, "a", "7001", true);

    assertThatThrownBy(() -> ours.present(files, "a"))
        .hasMessageContaining("of member a of cluster other")
        .hasMessageContaining("move it away");
  }

  @Test
  void leavesADirectoryOfAnotherPostgresVersionAlone() throws Exception {
    ours.mark(files, "a", "7001", true);
    Files.writeString(files.data().resolve("PG_VERSION"), "14\n");

    assertThatThrownBy(() -> ours.present(files, "a")).hasMessageContaining("of PostgreSQL 14");
  }

  @Test
  void leavesADirectoryWithoutAMarkerAlone() {
    assertThatThrownBy(() -> ours.present(files, "a")).hasMessageContaining("nobody knows whom");
  }

  @Test
  void whatBrokenWorkLeftOnAScarceDiskIsRemovedBeforeItsRoomIsTold() throws Exception {
    Files.createDirectories(files.dataInTheMaking());
    MemberDisk scarceUntilItIsRemoved =
        (MemberDisk)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {MemberDisk.class},
                (proxy, method, arguments) ->
                    method.getName().equals("room")
                        ? Files.exists(files.dataInTheMaking()) ? 1L << 20 : 1L << 30
                        : method.invoke(files.disk(), arguments));

    assertThat(ours.room(new MemberFiles(home, scarceUntilItIsRemoved))).isEqualTo(1L << 30);
    assertThat(files.dataInTheMaking()).doesNotExist();
    assertThat(files.data()).exists();
  }

  @Test
  void doesNotTakeADirectoryInTheMakingForData() throws Exception {
    ours.mark(files, "a", "7001", true);
    Files.move(files.data(), files.dataInTheMaking());

    assertThat(ours.present(files, "a")).isFalse();
    assertThat(MemberData.anything(files)).isFalse();
  }
}
