package io.shardguard.provisioner.member;

import io.shardguard.events.GroupTopology;
import io.shardguard.events.ProvisionerEvent.RejoinMethod;
import io.shardguard.provisioner.core.RejoinChoice;
import io.shardguard.provisioner.runtime.Member;
import io.shardguard.provisioner.runtime.MemberFiles;
import io.shardguard.provisioner.runtime.MemberRuntime;
import io.shardguard.provisioner.runtime.MemberRuntime.Ended;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What becomes of the data that a rejoin replaces. */
final class OldData {

  private static final Duration COPY_LIMIT = Duration.ofHours(1);
  private static final long MIB = 1 << 20;

  private final MemberRuntime runtime;
  private final long copyUpTo;

  /**
   * The keeper of old data.
   *
   * @param copyUpTo in bytes: a larger data directory is not copied before it is rewound
   */
  OldData(MemberRuntime runtime, long copyUpTo) {
    this.runtime = runtime;
    this.copyUpTo = copyUpTo;
  }

  /**
   * What is done.
   *
   * @param copy the data directory is copied before it is rewound
   * @param keep the old data is kept for good, under this label
   */
  record Keeping(boolean copy, Optional<String> keep) {}

  /**
   * A rejoin, with what is done about the old data; its reason tells of both.
   *
   * @param choice the method: a base backup in the place of a rewind, where the old data must be
   *     kept and cannot be copied
   */
  record Plan(RejoinChoice choice, Keeping keeping) {}

  /**
   * Plans. What an operator gave up with a forced failover, and what a rogue wrote, is kept for
   * good; other old data until the new standby streams, if it can be.
   */
  Plan plan(Member member, GroupTopology topology, RejoinChoice choice) throws IOException {
    Optional<String> keep = toKeep(member, topology);
    return switch (choice.method()) {
      case FOLLOW -> new Plan(choice, new Keeping(false, Optional.empty()));
      case REWIND -> rewound(member, choice, keep);
      case BASE_BACKUP -> replaced(member, choice, keep);
    };
  }

  private static Optional<String> toKeep(Member member, GroupTopology topology) throws IOException {
    String loss = lossOf(member, topology);
    return loss != null && !MemberData.isSettled(member.files(), loss)
        ? Optional.of("loss-" + loss)
        : MemberData.rogue(member.files());
  }

  /** The forced failover that replaced this member as the last one; null if none. */
  static String lossOf(Member member, GroupTopology topology) {
    return topology.loss() != null && member.name().equals(topology.loss().oldPrimary())
        ? topology.loss().transition()
        : null;
  }

  private static Plan replaced(Member member, RejoinChoice choice, Optional<String> keep)
      throws IOException {
    if (!MemberData.anything(member.files())) {
      return new Plan(choice, new Keeping(false, Optional.empty()));
    }
    return plan(
        choice,
        new Keeping(false, keep),
        keep.map(label -> forGood(member, label))
            .orElse("the old data is kept until the member streams"));
  }

  private Plan rewound(Member member, RejoinChoice choice, Optional<String> keep)
      throws IOException {
    Optional<String> obstacle = obstacle(member.files());
    if (MemberData.hasPutAside(member.files())) {
      return plan(choice, new Keeping(false, keep), "older data is kept already");
    }
    if (obstacle.isEmpty()) {
      return plan(
          choice,
          new Keeping(true, keep),
          keep.map(label -> forGood(member, label))
              .orElse("a copy of the old data is kept until the member streams"));
    }
    return keep.map(label ->
            plan(
                new RejoinChoice(
                    RejoinMethod.BASE_BACKUP,
                    choice.reason() + ", and no copy can be made: " + obstacle.get()),
                new Keeping(false, keep),
                forGood(member, label)))
        .orElseGet(() ->
            plan(
                choice,
                new Keeping(false, keep),
                "rewound in place, without a copy: " + obstacle.get()));
  }

  private static Plan plan(RejoinChoice choice, Keeping keeping, String addition) {
    return new Plan(new RejoinChoice(choice.method(), choice.reason() + "; " + addition), keeping);
  }

  private static String forGood(Member member, String label) {
    return "the old data is kept for good in " + MemberData.keptIn(member.files(), label);
  }

  private Optional<String> obstacle(MemberFiles files) throws IOException {
    Path tablespaces = files.data().resolve("pg_tblspc");
    if (!files.disk().list(tablespaces, "").isEmpty()) {
      return Optional.of("it has tablespaces");
    }
    long size = files.disk().size(files.data());
    long room = files.disk().room(files.home());
    if (size > copyUpTo) {
      return Optional.of(size / MIB + " MiB are more than " + copyUpTo / MIB + " MiB");
    }
    return size > room / 2
        ? Optional.of(size / MIB + " MiB, and the file system has room for " + room / MIB + " MiB")
        : Optional.empty();
  }

  /**
   * Copies the data directory of a member that does not run, and has the copy on disk.
   *
   * @throws IOException if it cannot be copied: nothing is left of the copy then
   */
  void copy(Member member, Optional<String> keep) throws IOException, InterruptedException {
    MemberFiles files = member.files();
    files.disk().remove(files.dataBeingCopied());
    String data = files.data().toString();
    String copy = files.dataBeingCopied().toString();
    try {
      run(member, List.of("cp", "-a", "--reflink=auto", data, copy));
      run(member, List.of("sync", "-f", copy));
      MemberData.copyIsWhole(files, keep);
    } catch (IOException e) {
      files.disk().remove(files.dataBeingCopied());
      throw e;
    }
  }

  private void run(Member member, List<String> command) throws IOException, InterruptedException {
    Ended ended = runtime.run(member, command, "", COPY_LIMIT);
    if (ended.exitCode() != 0) {
      throw new IOException("the old data cannot be copied: " + ended.output().strip());
    }
  }
}
