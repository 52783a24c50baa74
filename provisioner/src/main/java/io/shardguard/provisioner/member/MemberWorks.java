package io.shardguard.provisioner.member;

import io.shardguard.clusterspec.ClusterSpec;
import io.shardguard.clusterspec.MemberNetwork;
import io.shardguard.failpoints.Failpoints;
import io.shardguard.provisioner.runtime.MemberRuntime;
import java.nio.file.Path;
import java.util.function.IntFunction;

/** What the loops of all members share. */
public final class MemberWorks {

  final MemberRuntime runtime;
  final MemberSql sql;
  final MemberData data;
  final MemberConf conf;
  final MemberMaker maker;
  final Rejoin rejoin;
  final MemberReports reports;
  final Failpoints failpoints;
  final IntFunction<io.shardguard.events.GroupTopology> known;

  /**
   * Puts the tools together.
   *
   * @param network logins are let in from it
   * @param postgresBin the directory of PostgreSQL's programs
   * @param postgresMajor their major version
   * @param citus members load Citus
   * @param known the newest known state of a group; null if nothing was decided yet
   * @param newest the state of a group with the log read to its end
   * @param copyUpTo in bytes: a larger data directory is not copied before it is rewound
   */
  public MemberWorks(
      ClusterSpec spec,
      MemberNetwork network,
      Path postgresBin,
      String postgresMajor,
      boolean citus,
      MemberRuntime runtime,
      MemberSql sql,
      Secrets secrets,
      MemberReports reports,
      IntFunction<io.shardguard.events.GroupTopology> known,
      NewestTopology newest,
      long copyUpTo,
      Failpoints failpoints) {
    this.runtime = runtime;
    this.sql = sql;
    this.reports = reports;
    this.failpoints = failpoints;
    this.known = known;
    this.data = new MemberData(spec.cluster(), postgresMajor);
    this.conf = new MemberConf(citus, spec.settings(), network);
    this.maker = new MemberMaker(postgresBin, runtime, conf, data, secrets, failpoints);
    this.rejoin =
        new Rejoin(
            postgresBin,
            runtime,
            conf,
            data,
            sql,
            new RejoinGuard(newest),
            new OldData(runtime, copyUpTo),
            failpoints,
            secrets);
  }
}
