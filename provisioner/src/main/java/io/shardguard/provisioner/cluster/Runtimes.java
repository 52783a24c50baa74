package io.shardguard.provisioner.cluster;

import io.shardguard.clusterspec.ClusterSpec;
import io.shardguard.provisioner.member.Secrets;
import io.shardguard.provisioner.runtime.LocalRuntime;
import io.shardguard.provisioner.runtime.MemberNamespaces;
import io.shardguard.provisioner.runtime.MemberRuntime;
import io.shardguard.provisioner.runtime.ServerUser;
import java.io.IOException;
import java.nio.file.Path;

/** Opens the runtime that the declaration asks for. */
final class Runtimes {

  private Runtimes() {}

  static MemberRuntime open(ClusterSpec spec, ProvisionerConfig config, Secrets secrets)
      throws IOException, InterruptedException {
    return local(config, secrets);
  }

  private static MemberRuntime local(ProvisionerConfig config, Secrets secrets) throws IOException {
    Path members = config.stateDir().toAbsolutePath().resolve("members");
    ServerUser user = new ServerUser();
    user.directory(members);
    return new LocalRuntime(
        members,
        config.postgresBin(),
        secrets.passwordFile(),
        user,
        new MemberNamespaces(config.namespacesDir()));
  }
}
