package io.shardguard.simulator;

import static io.shardguard.simulator.Agenda.SECOND;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * pg_dist_node: who each member takes for the groups' primaries. A change is a row like any other:
 * it is in the WAL of whoever made it, and on the standbys that have that WAL.
 */
final class Metadata {

  /** citus.metadata_sync_interval. */
  private static final long SYNC_EVERY = 2 * SECOND;

  private final World world;
  private final List<Change> changes = new ArrayList<>();

  private record Change(Branch branch, long lsn, int group, String primary) {}

  Metadata(World world) {
    this.world = world;
  }

  /** The coordinator's daemon tells the workers late what they missed. */
  void sync() {
    for (Member from : world.groups().get(0)) {
      if (from.writable() && !from.frozen()) {
        for (int group = 1; group < world.shape.groups(); group++) {
          String worker = primaryOf(from, group);
          if (worker != null) {
            send(from, world.member(worker));
          }
        }
      }
    }
    world.agenda.in(SYNC_EVERY, this::sync);
  }

  private void send(Member from, Member to) {
    boolean accepted =
        to.writable()
            && !to.frozen()
            && !to.bars(from.host)
            && world.network.openBothWays(from.host, to.host);
    for (int group = 0; accepted && group < world.shape.groups(); group++) {
      String primary = primaryOf(from, group);
      if (primary != null) {
        update(to, group, primary, answer -> {});
      }
    }
  }

  /** Every worker of these groups knows what the coordinator knows. */
  boolean synced(Member coordinator, Set<Integer> workers) {
    return workers.stream()
        .map(group -> primaryOf(coordinator, group))
        .filter(Objects::nonNull)
        .map(world::member)
        .allMatch(worker ->
            IntStream.range(0, world.shape.groups())
                .allMatch(group ->
                    Objects.equals(primaryOf(worker, group), primaryOf(coordinator, group))));
  }

  /** citus_update_node; answered when its commit may be acknowledged. */
  void update(Member on, int group, String primary, Consumer<Reply> answer) {
    if (primary.equals(primaryOf(on, group))) {
      answer.accept(Reply.ok(true));
      return;
    }
    Commit commit = on.commit(answer);
    changes.add(new Change(commit.branch(), commit.lsn(), group, primary));
  }

  /** Whom the member takes for the group's primary; null if it knows nobody. */
  String primaryOf(Member member, int group) {
    for (int i = changes.size() - 1; i >= 0; i--) {
      Change change = changes.get(i);
      if (change.group == group && member.holds(change.branch, change.lsn)) {
        return change.primary;
      }
    }
    return null;
  }
}
