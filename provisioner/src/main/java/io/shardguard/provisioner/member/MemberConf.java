package io.shardguard.provisioner.member;

import io.shardguard.clusterspec.MemberNetwork;
import io.shardguard.provisioner.core.AutoConf;
import io.shardguard.provisioner.core.MemberSettings;
import io.shardguard.provisioner.runtime.Member;
import io.shardguard.provisioner.runtime.MemberDisk;
import io.shardguard.provisioner.runtime.MemberFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/** Writes a member's configuration files. */
final class MemberConf {

  private final boolean citus;
  private final Map<String, String> declared;
  private final MemberNetwork network;

  /**
   * A writer.
   *
   * @param citus members load Citus
   * @param declared the declaration's own parameters
   * @param network logins are let in from it
   */
  MemberConf(boolean citus, Map<String, String> declared, MemberNetwork network) {
    this.citus = citus;
    this.declared = declared;
    this.network = network;
  }

  /** Makes the member's directories and writes its configuration; before each start. */
  void write(Member member) throws IOException {
    MemberFiles files = member.files();
    MemberDisk disk = files.disk();
    disk.directory(files.home());
    disk.directory(files.conf());
    disk.directory(files.run());
    disk.directory(files.log());
    disk.write(
        files.configFile(),
        "# Written by the provisioner at each start of the member.\n"
            + AutoConf.lines(
                MemberSettings.of(files.place(member.address()), member.name(), citus, declared)));
    disk.write(files.conf().resolve("pg_ident.conf"), MemberSettings.identMap(disk.owner()));
    // Afterwards it is failover-coordinator's, which refuses old primaries in it.
    Path hba = files.conf().resolve("pg_hba.conf");
    if (!disk.exists(hba)) {
      disk.write(hba, MemberSettings.hostBasedAuthentication(network.toString()));
    }
    if (!disk.exists(files.startLog())) {
      disk.write(files.startLog(), "");
    }
  }

  /** Takes a primary's synchronous replication out of what was copied from it. */
  void forgetPrimary(MemberFiles files, Path data) throws IOException {
    Path autoConf = data.resolve("postgresql.auto.conf");
    files
        .disk()
        .write(
            autoConf,
            AutoConf.edited(
                files.disk().read(autoConf), Set.of("synchronous_standby_names"), Map.of()));
  }
}
