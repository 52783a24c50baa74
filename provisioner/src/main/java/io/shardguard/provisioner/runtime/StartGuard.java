package io.shardguard.provisioner.runtime;

import io.shardguard.provisioner.core.AutoConf;
import io.shardguard.provisioner.core.Upstream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Makes every start the start of a standby. Only a decision in the log makes a primary; a member
 * that came back as one by itself could roll back what its successor has acknowledged.
 */
final class StartGuard {

  /**
   * What the time before this start left behind; synchronous_standby_names stays, it is
   * failover-coordinator's.
   */
  private static final Set<String> LEFT_BEHIND =
      Set.of(
          "primary_conninfo",
          "primary_slot_name",
          "max_standby_streaming_delay",
          "restore_command");

  private final ServerUser user;

  StartGuard(ServerUser user) {
    this.user = user;
  }

  /** To be called when no process of the member is left, right before its start. */
  void prepare(MemberFiles files, Optional<Upstream> upstream) throws IOException {
    Path data = files.data();
    user.write(data.resolve("standby.signal"), "");
    Files.deleteIfExists(data.resolve("recovery.signal"));
    Path autoConf = data.resolve("postgresql.auto.conf");
    String before = Files.exists(autoConf) ? Files.readString(autoConf) : "";
    user.write(
        autoConf,
        AutoConf.edited(before, LEFT_BEHIND, upstream.map(Upstream::settings).orElse(Map.of())));
    // Locks of processes that are gone: a zombie with the same id would make the server refuse to
    // start.
    Files.deleteIfExists(data.resolve("postmaster.pid"));
    user.directory(files.run());
    try (var sockets = Files.newDirectoryStream(files.run(), ".s.PGSQL.*")) {
      for (Path socket : sockets) {
        Files.deleteIfExists(socket);
      }
    }
  }
}
