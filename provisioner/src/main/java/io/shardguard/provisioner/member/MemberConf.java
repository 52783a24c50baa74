package io.shardguard.provisioner.member;

import io.shardguard.clusterspec.MemberNetwork;
import io.shardguard.provisioner.core.AutoConf;
import io.shardguard.provisioner.core.MemberSettings;
import io.shardguard.provisioner.runtime.Member;
import io.shardguard.provisioner.runtime.MemberFiles;
import io.shardguard.provisioner.runtime.ServerUser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/** Writes a member's configuration files. */
final class MemberConf {

  private final boolean citus;
  private final Map<String, String> declared;
  private final MemberNetwork network;
  private final ServerUser user;

  /**
   * A writer.
   *
   * @param citus members load Citus
   * @param declared the declaration's own parameters
   * @param network logins are let in from it
   */
  MemberConf(boolean citus, Map<String, String> declared, MemberNetwork network, ServerUser user) {
    this.citus = citus;
    this.declared = declared;
    this.network = network;
    this.user = user;
  }

  /** Makes the member's directories and writes its configuration; before each start. */
  void write(Member member) throws IOException {
    MemberFiles files = member.files();
    user.directory(files.home());
    user.directory(files.conf());
    user.directory(files.run());
    user.directory(files.log());
    user.write(
        files.configFile(),
        "# Written by the provisioner at each start of the member.\n"
            + AutoConf.lines(
                MemberSettings.of(files.place(member.address()), member.name(), citus, declared)));
    user.write(files.conf().resolve("pg_ident.conf"), MemberSettings.identMap(user.name()));
    // Afterwards it is failover-coordinator's, which refuses old primaries in it.
    Path hba = files.conf().resolve("pg_hba.conf");
    if (!Files.exists(hba)) {
      user.write(hba, MemberSettings.hostBasedAuthentication(network.toString()));
    }
    if (!Files.exists(files.startLog())) {
      user.write(files.startLog(), "");
    }
  }

  /** Takes a primary's synchronous replication out of what was copied from it. */
  void forgetPrimary(Path data) throws IOException {
    Path autoConf = data.resolve("postgresql.auto.conf");
    user.write(
        autoConf,
        AutoConf.edited(Files.readString(autoConf), Set.of("synchronous_standby_names"), Map.of()));
  }
}
