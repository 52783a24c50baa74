package io.shardguard.provisioner.member;

import io.shardguard.events.GroupTopology;
import io.shardguard.events.MemberAddress;
import io.shardguard.events.ProvisionerEvent.RejoinMethod;
import io.shardguard.failpoints.Failpoints;
import io.shardguard.postgres.SessionException;
import io.shardguard.provisioner.core.RejoinChoice;
import io.shardguard.provisioner.core.RejoinChoice.Standing;
import io.shardguard.provisioner.core.Upstream;
import io.shardguard.provisioner.member.MemberSql.Session;
import io.shardguard.provisioner.member.OldData.Keeping;
import io.shardguard.provisioner.member.OldData.Plan;
import io.shardguard.provisioner.member.RejoinGuard.NotNowException;
import io.shardguard.provisioner.runtime.Member;
import io.shardguard.provisioner.runtime.MemberFiles;
import io.shardguard.provisioner.runtime.MemberRuntime;
import io.shardguard.provisioner.runtime.MemberRuntime.Ended;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;

/** Brings a member to follow its primary, by one method. */
final class Rejoin {

  private static final Duration STOP_PATIENCE = Duration.ofSeconds(30);
  private static final Duration COPY_LIMIT = Duration.ofHours(12);

  private final Semaphore copiesAtATime = new Semaphore(2);
  private final Path bin;
  private final MemberRuntime runtime;
  private final MemberConf conf;
  private final MemberData data;
  private final MemberSql sql;
  private final RejoinGuard guard;
  private final OldData oldData;
  private final Failpoints failpoints;
  private final Path passwordFile;

  Rejoin(
      Path bin,
      MemberRuntime runtime,
      MemberConf conf,
      MemberData data,
      MemberSql sql,
      RejoinGuard guard,
      OldData oldData,
      Failpoints failpoints,
      Secrets secrets) {
    this.bin = bin;
    this.runtime = runtime;
    this.conf = conf;
    this.data = data;
    this.sql = sql;
    this.guard = guard;
    this.oldData = oldData;
    this.failpoints = failpoints;
    this.passwordFile = secrets.passwordFile();
  }

  /** How long the member may take until it streams, after the method's own work. */
  static Duration patience(RejoinMethod method) {
    return switch (method) {
      case FOLLOW -> Duration.ofSeconds(15);
      case REWIND -> Duration.ofSeconds(60);
      case BASE_BACKUP -> Duration.ofMinutes(5);
    };
  }

  /**
   * Chooses the method for a member that answers.
   *
   * @return empty while the member still replays what it has
   */
  Optional<RejoinChoice> choose(Member member, MemberAddress primary, Set<RejoinMethod> failed)
      throws SessionException, InterruptedException, IOException {
    Optional<Standing> standing;
    try (Session session = sql.open(member.address())) {
      standing = MemberQueries.standing(session);
    }
    if (standing.isEmpty()) {
      return Optional.empty();
    }
    try (Session session = sql.open(primary)) {
      boolean rogue = MemberData.rogue(member.files()).isPresent();
      return Optional.of(
          RejoinChoice.choose(standing, rogue, MemberQueries.leading(session), failed));
    }
  }

  /** What is done about the data that this replaces; nothing is touched yet. */
  Plan plan(Member member, MemberAddress primary, RejoinChoice choice)
      throws IOException, NotNowException {
    GroupTopology topology =
        choice.method() == RejoinMethod.FOLLOW
            ? guard.requirePrimary(member, primary)
            : guard.requireExpendable(member, primary);
    return oldData.plan(member, topology, choice);
  }

  /** Does the work; whether the member streams afterwards is for the caller to see. */
  void carryOut(Plan plan, Member member, MemberAddress primary)
      throws SessionException, InterruptedException, IOException, NotNowException {
    switch (plan.choice().method()) {
      case FOLLOW -> follow(member, primary);
      case REWIND -> rewind(member, primary, plan.keeping());
      case BASE_BACKUP -> copy(member, primary, plan.keeping());
    }
  }

  /** The member streams, or is the primary: what its data replaced is not needed any more. */
  void settle(Member member, GroupTopology topology) throws IOException {
    data.settle(member.files(), OldData.lossOf(member, topology));
  }

  /**
   * Puts the member's old data back in the place of what should have replaced it: there is nobody
   * any more to copy from.
   */
  void bringBack(Member member) throws IOException, InterruptedException {
    stop(member);
    MemberData.bringBack(member.files());
  }

  private void follow(Member member, MemberAddress primary)
      throws SessionException, InterruptedException, IOException, NotNowException {
    ensureSlot(member, primary);
    // The session is older than the look at the log: a seal that is decided after that look ends
    // it, and what is not said by then is not said at all.
    try (Session session = sql.open(member.address())) {
      guard.requirePrimary(member, primary);
      failpoints.pass("provisioner-before-follow");
      MemberQueries.follow(session, upstream(member, primary));
      MemberQueries.dropIdleSlots(session);
    }
  }

  private void rewind(Member member, MemberAddress primary, Keeping keeping)
      throws SessionException, InterruptedException, IOException, NotNowException {
    guard.requireExpendable(member, primary);
    try (Session session = sql.open(primary)) {
      MemberQueries.checkpointOnItsTimeline(session);
      MemberQueries.ensureSlot(session, member.name());
    }
    MemberFiles files = member.files();
    stop(member);
    conf.write(member);
    if (keeping.copy()) {
      oldData.copy(member, keeping.keep());
    } else {
      MemberData.keepPutAside(files, keeping.keep());
    }
    failpoints.pass("provisioner-before-last-look");
    guard.requireExpendable(member, primary);
    failpoints.pass("provisioner-before-rewind");
    files.disk().write(files.rewinding(), "");
    failpoints.pass("provisioner-in-rewind");
    Ended ended = runtime.run(member, rewindCommand(member, primary), "", COPY_LIMIT);
    if (ended.exitCode() != 0) {
      if (ended.output().contains("connection to server")) {
        // Nothing was touched yet.
        files.disk().delete(files.rewinding());
        throw new NotNowException(
            "pg_rewind cannot reach " + primary.name() + ": " + errorLine(ended.output()));
      }
      throw new IOException("pg_rewind failed: " + errorLine(ended.output()));
    }
    if (ended.output().contains("no rewind required")) {
      // It goes by the control files, which do not know of a promotion without its checkpoint.
      files.disk().delete(files.rewinding());
      throw new IOException("pg_rewind sees no difference, though the histories differ");
    }
    failpoints.pass("provisioner-after-rewind");
    conf.forgetPrimary(files, files.data());
    startStreaming(member, primary);
    // Only now: without its upstream it would never come up, for want of WAL.
    files.disk().delete(files.rewinding());
  }

  /** Stops the member, and ends whatever else works in its data directory, whoever started it. */
  private void stop(Member member) throws IOException, InterruptedException {
    runtime.stop(member, STOP_PATIENCE);
    runtime.kill(member, STOP_PATIENCE);
  }

  /** Its work took long: whom it shall stream from may be the primary no more. */
  private void startStreaming(Member member, MemberAddress primary)
      throws IOException, NotNowException {
    guard.requirePrimary(member, primary);
    runtime.start(member, Optional.of(upstream(member, primary)));
  }

  private List<String> rewindCommand(Member member, MemberAddress primary) throws IOException {
    return List.of(
        program("pg_rewind"),
        "--target-pgdata=" + member.files().data(),
        "--source-server=" + upstream(member, primary).conninfo("postgres"),
        "--config-file=" + member.files().configFile());
  }

  private void copy(Member member, MemberAddress primary, Keeping keeping)
      throws SessionException, InterruptedException, IOException, NotNowException {
    copiesAtATime.acquire();
    try {
      guard.requireExpendable(member, primary);
      if (member.files().disk().exists(member.files().rewinding())) {
        stop(member); // A ruin is of no use, but may hold the slot.
      }
      conf.write(member);
      member.files().disk().remove(member.files().dataInTheMaking());
      try (Session session = sql.open(primary)) {
        MemberQueries.renewSlot(session, member.name());
      }
      Ended ended = runtime.run(member, copyCommand(member, primary), "", COPY_LIMIT);
      if (ended.exitCode() != 0) {
        throw new IOException("pg_basebackup failed: " + errorLine(ended.output()));
      }
      conf.forgetPrimary(member.files(), member.files().dataInTheMaking());
      putInPlace(member, primary, keeping);
      failpoints.pass("provisioner-after-placing");
      startStreaming(member, primary);
    } finally {
      copiesAtATime.release();
    }
  }

  private List<String> copyCommand(Member member, MemberAddress primary) throws IOException {
    // Under a name of its own: the member's name in pg_stat_replication would say that it streams.
    Upstream upstream = new Upstream(primary, member.name() + "-copy", passwordFile(member));
    return List.of(
        program("pg_basebackup"),
        "--dbname=" + upstream.conninfo(),
        "--no-password",
        "--pgdata=" + member.files().dataInTheMaking(),
        "--wal-method=stream",
        "--checkpoint=fast",
        "--slot=" + Upstream.slot(member.name()));
  }

  private void putInPlace(Member member, MemberAddress primary, Keeping keeping)
      throws IOException, InterruptedException, SessionException, NotNowException {
    MemberFiles files = member.files();
    String lineage;
    try (Session session = sql.open(primary)) {
      lineage = MemberQueries.leading(session).systemIdentifier();
    }
    stop(member);
    failpoints.pass("provisioner-before-last-look");
    guard.requireExpendable(member, primary);
    failpoints.pass("provisioner-before-putting-aside");
    MemberData.putAside(files, keeping.keep());
    failpoints.pass("provisioner-after-putting-aside");
    data.mark(files, member.name(), lineage, false);
    files.disk().move(files.dataInTheMaking(), files.data());
    files.disk().delete(files.rewinding());
  }

  private void ensureSlot(Member member, MemberAddress primary)
      throws SessionException, InterruptedException, IOException {
    try (Session session = sql.open(primary)) {
      MemberQueries.ensureSlot(session, member.name());
    }
  }

  private Upstream upstream(Member member, MemberAddress primary) throws IOException {
    return new Upstream(primary, member.name(), passwordFile(member));
  }

  private String passwordFile(Member member) throws IOException {
    return runtime.secret(member, passwordFile).toString();
  }

  private String program(String name) {
    return bin.resolve(name).toString();
  }

  /** The last that says what went wrong: programs tidy up after it, and say that, too. */
  static String errorLine(String output) {
    List<String> lines = output.strip().lines().toList();
    return lines.stream()
        .filter(line -> line.matches(".*\\b(error|fatal|FATAL|ERROR|PANIC): .*"))
        .reduce((first, second) -> second)
        .orElse(output.isBlank() ? "no output" : lines.getLast());
  }
}
