package io.shardguard.simulator;

import static io.shardguard.simulator.Agenda.MILLI;
import static io.shardguard.simulator.Agenda.SECOND;

import io.shardguard.failover.core.Action;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/** One kind of work on one member: a session that is kept open, and a queue. */
final class Lane {

  private static final long CONNECT_WITHIN = 2 * SECOND;
  private static final long STATEMENT_WITHIN = 3 * SECOND;
  private static final long POLL = 20 * MILLI;

  private final Coordinator owner;
  final Member member;
  private final Action.Lane kind;
  private final String generation;
  private final Deque<Consumer<Runnable>> work = new ArrayDeque<>();
  private Session session;
  private boolean opening;
  private boolean busy;
  private boolean closed;
  private int attempts;

  Lane(Coordinator owner, Member member, Action.Lane kind, String generation) {
    this.owner = owner;
    this.member = member;
    this.kind = kind;
    this.generation = generation;
  }

  /** The open session; null if there is none. */
  Session session() {
    return session != null && session.isOpen() ? session : null;
  }

  void keepOpen() {
    if (!opening && session() == null && !closed) {
      opening = true;
      run(this::open);
    }
  }

  /** Works in this lane's order; not at all once it is closed. */
  void run(Consumer<Runnable> carryOut) {
    if (!closed) {
      work.add(carryOut);
      next();
    }
  }

  void close() {
    closed = true;
    work.clear();
    if (session != null) {
      session.close();
    }
  }

  boolean closed() {
    return closed;
  }

  private void next() {
    if (!busy && !work.isEmpty()) {
      busy = true;
      work.poll()
          .accept(() -> {
            busy = false;
            next();
          });
    }
  }

  private void open(Runnable done) {
    Session.Owner name =
        new Session.Owner(Coordinator.SERVICE, generation, kind.name(), ++attempts);
    Session.open(
        owner,
        member,
        name,
        CONNECT_WITHIN,
        opened -> {
          if (opened.ok()) {
            long giveUpAt = owner.world.agenda.now() + STATEMENT_WITHIN;
            endOlder((Session) opened.value(), giveUpAt, done);
          } else {
            opened(null, done);
          }
        });
  }

  private void endOlder(Session candidate, long giveUpAt, Runnable done) {
    candidate.ask(
        STATEMENT_WITHIN,
        m -> Reply.ok(sweep(m, candidate.owner)),
        reply -> {
          if (reply.yes()) {
            opened(candidate, done);
          } else if (!reply.ok() || owner.world.agenda.now() > giveUpAt) {
            candidate.close();
            opened(null, done);
          } else {
            owner.in(POLL, () -> endOlder(candidate, giveUpAt, done));
          }
        });
  }

  /** Ends what is older; true once nothing is. */
  private boolean sweep(Member on, Session.Owner own) {
    if (owner.world.conduct.lacks(Habit.OLDER_SESSIONS_ARE_SWEPT)) {
      return true;
    }
    List<Session> older =
        on.sessions.stream()
            .filter(s -> s.owner.service().equals(Coordinator.SERVICE) && s.owner != own)
            .filter(s ->
                !s.owner.generation().equals(own.generation()) || s.owner.lane().equals(own.lane()))
            .toList();
    older.forEach(Session::terminate);
    return older.isEmpty();
  }

  private void opened(Session result, Runnable done) {
    opening = false;
    session = result;
    if (result != null && closed) {
      result.close();
    }
    done.run();
  }
}
