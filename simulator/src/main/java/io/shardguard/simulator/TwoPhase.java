package io.shardguard.simulator;

import static io.shardguard.simulator.Agenda.MILLI;
import static io.shardguard.simulator.Agenda.SECOND;

import io.shardguard.events.GroupTopology;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Transfers between the coordinator's group and group 1, as Citus commits them: prepared on the
 * worker, decided by the coordinator's own commit, then committed on the worker. What is left
 * prepared is settled by whoever runs recover_prepared_transactions: committed if the decision is
 * in the coordinator's WAL, else rolled back, unless the coordinator is still about it.
 */
final class TwoPhase {

  /** Quiet times settle once a minute; they need a note of every primary first. */
  private static final long SETTLED_WITHIN = 150 * SECOND;

  private static final long ANSWERS_WITHIN = 4 * SECOND;
  private static final int COORDINATOR = 0;
  private static final int WORKER = 1;

  private final World world;
  private final Map<Long, Transfer> transfers = new TreeMap<>();
  private long last;

  /** What a record in somebody's WAL says of a transfer. */
  private enum Mark {
    PREPARED,
    DECIDED,
    COMMITTED,
    ROLLED_BACK
  }

  private record Place(Branch branch, long lsn) {}

  /** One transfer, with the places of its records. */
  private static final class Transfer {
    final Map<Mark, List<Place>> marks = new EnumMap<>(Mark.class);
    final Set<Integer> lives = new HashSet<>();
    final Member origin;
    final long begun;
    boolean underWay = true;
    boolean unpromised;

    Transfer(Member origin, long begun) {
      this.origin = origin;
      this.begun = begun;
    }
  }

  TwoPhase(World world) {
    this.world = world;
  }

  // ---- a transfer

  /** Runs a transfer on the coordinator; answered as a client's COMMIT is. */
  void transfer(Member origin, Consumer<Reply> answer) {
    String name = world.metadata.primaryOf(origin, WORKER);
    if (!origin.writable() || name == null) {
      answer.accept(Reply.failed("no primary of the group is known here"));
      return;
    }
    Member worker = world.member(name);
    long id = ++last;
    Transfer transfer = new Transfer(origin, world.agenda.elapsed());
    transfer.lives.add(origin.life());
    transfers.put(id, transfer);
    ask(
        origin,
        worker,
        back -> write(worker, transfer, Mark.PREPARED, back),
        prepared -> {
          if (prepared.ok() && origin.writable()) {
            decide(origin, worker, transfer, answer);
          } else {
            transfer.underWay = false;
            answer.accept(Reply.failed("the worker did not prepare: " + prepared.reason()));
          }
        });
  }

  private void decide(Member origin, Member worker, Transfer transfer, Consumer<Reply> answer) {
    write(
        origin,
        transfer,
        Mark.DECIDED,
        decided -> {
          transfer.underWay = false;
          if (!decided.ok()) {
            answer.accept(decided);
            return;
          }
          ask(
              origin,
              worker,
              back -> settle(worker, transfer, Mark.COMMITTED, back),
              committed -> {});
          answer.accept(decided);
        });
  }

  /** A record of the member's; answered when it may be acknowledged. */
  private static void write(Member on, Transfer transfer, Mark mark, Consumer<Reply> answer) {
    if (!on.writable() || on.diskFull()) {
      answer.accept(Reply.failed("cannot execute in a read-only transaction"));
      return;
    }
    Commit[] written = {null};
    List<Reply> early = new ArrayList<>();
    written[0] =
        on.commit(reply -> {
          if (written[0] == null) {
            early.add(reply);
          } else {
            answer.accept(reply);
          }
        });
    Commit commit = written[0];
    transfer.unpromised |= commit.unpromised();
    transfer
        .marks
        .computeIfAbsent(mark, m -> new ArrayList<>())
        .add(new Place(commit.branch(), commit.lsn()));
    early.forEach(answer);
  }

  private static void settle(Member on, Transfer transfer, Mark mark, Consumer<Reply> answer) {
    if (pending(on, transfer)) {
      write(on, transfer, mark, answer);
    } else {
      answer.accept(Reply.failed("there is no such prepared transaction"));
    }
  }

  private static boolean has(Member member, Transfer transfer, Mark mark) {
    return transfer.marks.getOrDefault(mark, List.of()).stream()
        .anyMatch(place -> member.holds(place.branch, place.lsn));
  }

  private static boolean pending(Member member, Transfer transfer) {
    return has(member, transfer, Mark.PREPARED)
        && !has(member, transfer, Mark.COMMITTED)
        && !has(member, transfer, Mark.ROLLED_BACK);
  }

  /** From one member to another and back; without an answer for long the asker gives up. */
  private void ask(Member from, Member to, Consumer<Consumer<Reply>> work, Consumer<Reply> then) {
    boolean[] over = {false};
    Consumer<Reply> once =
        reply -> {
          if (!over[0]) {
            over[0] = true;
            then.accept(reply);
          }
        };
    from.in(ANSWERS_WITHIN, () -> once.accept(new Reply(Reply.Kind.TIMED_OUT, null, "no answer")));
    from.ask(to, work, once);
  }

  // ---- recovery

  /** recover_prepared_transactions on a member that began some; answered when all are settled. */
  void recover(Member origin, Consumer<Reply> answer) {
    String name = world.metadata.primaryOf(origin, WORKER);
    if (origin.group != COORDINATOR || name == null || transfers.isEmpty()) {
      answer.accept(Reply.ok(true));
      return;
    }
    Member worker = world.member(name);
    ask(
        origin,
        worker,
        back ->
            back.accept(
                Reply.ok(transfers.values().stream().filter(t -> pending(worker, t)).toList())),
        listed -> {
          if (!listed.ok()) {
            answer.accept(listed);
            return;
          }
          List<?> found = (List<?>) listed.value();
          found.stream().map(Transfer.class::cast).forEach(t -> settle(origin, worker, t));
          origin.in(
              world.chance.between(2 * MILLI, 100 * MILLI), () -> answer.accept(Reply.ok(true)));
        });
  }

  private void settle(Member origin, Member worker, Transfer transfer) {
    boolean about =
        transfer.underWay && transfer.origin == origin && transfer.lives.contains(origin.life());
    if (!about) {
      Mark mark = has(origin, transfer, Mark.DECIDED) ? Mark.COMMITTED : Mark.ROLLED_BACK;
      ask(origin, worker, back -> settle(worker, transfer, mark, back), done -> {});
    }
  }

  // ---- what must be so

  /** What is not settled yet, of transfers that nobody is about any more; null if all is. */
  String notSettled() {
    if (transfers.isEmpty()) {
      return null;
    }
    Member worker = primary(WORKER);
    for (Map.Entry<Long, Transfer> each : transfers.entrySet()) {
      boolean old = world.agenda.elapsed() - each.getValue().begun > SETTLED_WITHIN;
      if (old && pending(worker, each.getValue())) {
        return "transfer " + each.getKey() + " is left prepared on " + worker.name();
      }
    }
    return null;
  }

  /**
   * Every transfer that is settled is so on both sides. An acknowledged one is decided, which is
   * checked as any acknowledged write is.
   *
   * @throws Violation if one is half applied
   */
  void check() {
    Member coordinator = primary(COORDINATOR);
    Member worker = primary(WORKER);
    transfers.forEach((id, transfer) -> {
      boolean decided = has(coordinator, transfer, Mark.DECIDED);
      boolean committed = has(worker, transfer, Mark.COMMITTED);
      boolean open = pending(worker, transfer);
      if (!transfer.unpromised && !open && decided != committed) {
        throw new Violation(
            Checks.ATOMIC,
            "transfer "
                + id
                + " is "
                + (decided ? "" : "not ")
                + "decided on "
                + coordinator.name()
                + " and "
                + (committed ? "" : "not ")
                + "committed on "
                + worker.name());
      }
    });
  }

  private Member primary(int group) {
    GroupTopology decided = world.kafka.newest().get(group);
    return world.member(decided.primary());
  }
}
