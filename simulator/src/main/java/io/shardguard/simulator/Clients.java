package io.shardguard.simulator;

import static io.shardguard.simulator.Agenda.MILLI;
import static io.shardguard.simulator.Agenda.SECOND;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Clients that write through HAProxy and remember what was acknowledged. */
final class Clients extends Actor {

  private static final String SERVICE = "app";
  private static final long WITHIN = 4 * SECOND;
  private static final long EVERY = 400 * MILLI;

  private final List<Client> clients = new ArrayList<>();
  private long[] acknowledgedAt = new long[0];
  private long acknowledged;
  private long unknown;
  private long refused;

  Clients(World world) {
    super(world, "clients", 0);
  }

  void start(int groups) {
    begin();
    acknowledgedAt = new long[groups];
    for (int group = 0; group < groups; group++) {
      clients.add(new Client(group, false));
      if (group > 0) {
        clients.add(new Client(group, true));
      }
    }
    if (world.shape.transfers()) {
      clients.add(new Client(0, true, true));
    }
    clients.forEach(Client::next);
  }

  long acknowledged() {
    return acknowledged;
  }

  long unknown() {
    return unknown;
  }

  long refused() {
    return refused;
  }

  /** When a write to the group was last acknowledged. */
  long acknowledgedAt(int group) {
    return acknowledgedAt[group];
  }

  /** HAProxy ends the sessions with members that clients are sent to no more. */
  void cutSessions(Map<Integer, String> routes) {
    for (Client client : clients) {
      Session session = client.session;
      if (session != null && !session.member.name().equals(routes.get(client.entry()))) {
        client.session = null;
        session.cut();
      }
    }
  }

  /** One connection: writes to one group, through the coordinator or directly. */
  private final class Client {

    final int group;
    final boolean byCoordinator;
    final boolean transfers;
    Session session;

    Client(int group, boolean byCoordinator) {
      this(group, byCoordinator, false);
    }

    Client(int group, boolean byCoordinator, boolean transfers) {
      this.group = group;
      this.byCoordinator = byCoordinator;
      this.transfers = transfers;
    }

    int entry() {
      return byCoordinator ? 0 : group;
    }

    void next() {
      in(world.chance.between(EVERY / 2, EVERY * 3 / 2), this::write);
    }

    private void write() {
      if (session != null && session.isOpen()) {
        send();
        return;
      }
      String route = world.loadBalancer.route(entry());
      if (route == null) {
        refused++;
        next();
        return;
      }
      Session.open(
          Clients.this,
          world.member(route),
          Session.Owner.of(SERVICE),
          2 * SECOND,
          opened -> {
            if (opened.ok()) {
              session = (Session) opened.value();
              send();
            } else {
              refused++;
              next();
            }
          });
    }

    private void send() {
      Session used = session;
      used.call(
          WITHIN,
          (m, answer) -> {
            if (transfers) {
              world.twoPhase.transfer(m, answer);
            } else if (group == m.group) {
              writeOn(m, answer);
            } else {
              forward(m, answer);
            }
          },
          reply -> {
            if (reply.ok()) {
              acknowledged++;
              acknowledgedAt[group] = world.agenda.now();
              world.checks.acknowledged((Commit) reply.value());
            } else {
              if (reply.unknown()) {
                unknown++;
              } else {
                refused++;
              }
              used.close();
              session = session == used ? null : session;
            }
            next();
          });
    }

    private void writeOn(Member member, Consumer<Reply> answer) {
      if (member.writable() && !member.diskFull()) {
        member.commit(answer);
      } else {
        answer.accept(Reply.failed("cannot execute INSERT in a read-only transaction"));
      }
    }

    /** The coordinator sends the write to whom it takes for the group's primary. */
    private void forward(Member coordinator, Consumer<Reply> answer) {
      String name = world.metadata.primaryOf(coordinator, group);
      if (!coordinator.writable() || name == null) {
        answer.accept(Reply.failed("no primary of the group is known here"));
        return;
      }
      Member worker = world.member(name);
      coordinator.ask(worker, back -> writeOn(worker, back), answer);
    }
  }
}
