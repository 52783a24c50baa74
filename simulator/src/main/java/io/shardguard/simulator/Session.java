package io.shardguard.simulator;

import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;

/** A session with a member, both ends of it. */
final class Session {

  /** Who it belongs to: what {@code application_name} says. */
  record Owner(String service, String generation, String lane, int attempt) {
    static Owner of(String service) {
      return new Owner(service, "", "", 0);
    }
  }

  final Member member;
  final Actor client;
  final Owner owner;
  private final int memberLife;
  private final int clientLife;
  private boolean clientOpen = true;
  private boolean serverOpen = true;
  private int calls;
  private Call pending;
  private Runnable onClose = () -> {};

  private record Call(int number, Consumer<Reply> then) {}

  private Session(Member member, Actor client, Owner owner) {
    this.member = member;
    this.client = client;
    this.owner = owner;
    this.memberLife = member.life();
    this.clientLife = client.life();
  }

  /** Opens a session; the reply's value is it. */
  static void open(Actor client, Member member, Owner owner, long within, Consumer<Reply> then) {
    Network network = client.world.network;
    int life = client.life();
    boolean[] over = {false};
    Consumer<Reply> once =
        reply -> {
          if (!over[0]) {
            over[0] = true;
            then.accept(reply);
          }
        };
    client.in(within, () -> once.accept(new Reply(Reply.Kind.TIMED_OUT, null, "no session")));
    network.send(
        client.host,
        member.host,
        () -> {
          Consumer<Reply> answer =
              reply ->
                  network.send(
                      member.host, client.host, () -> client.exec(life, () -> once.accept(reply)));
          if (!member.alive()) {
            answer.accept(new Reply(Reply.Kind.REFUSED, null, "connection refused"));
          } else {
            member.exec(member.life(), () -> accept(client, life, member, owner, over, answer));
          }
        });
  }

  private static void accept(
      Actor client, int life, Member member, Owner owner, boolean[] over, Consumer<Reply> answer) {
    if (!member.accepting()) {
      answer.accept(Reply.failed("57P03 the database system is starting up"));
    } else if (member.bars(client.host)) {
      answer.accept(Reply.failed("28000 pg_hba.conf rejects " + client.host));
    } else if (!over[0] && client.life() == life) {
      Session session = new Session(member, client, owner);
      member.sessions.add(session);
      answer.accept(Reply.ok(session));
    }
  }

  boolean isOpen() {
    return clientOpen;
  }

  boolean serverOpen() {
    return serverOpen && member.life() == memberLife;
  }

  void onClose(Runnable work) {
    onClose = work;
  }

  /** The client is done with it. */
  void close() {
    if (clientOpen) {
      clientOpen = false;
      pending = null;
      client.world.network.send(
          client.host, member.host, () -> member.exec(memberLife, this::dropAtServer));
    }
  }

  /** Somebody in between cuts it: both ends hear of that. */
  void cut() {
    Call call = pending;
    close();
    if (call != null) {
      call.then.accept(new Reply(Reply.Kind.BROKEN, null, "the session was cut"));
    }
  }

  /** The server ends it; the client hears of it if it can. */
  void terminate() {
    if (serverOpen) {
      dropAtServer();
      client.world.network.send(
          member.host, client.host, () -> client.exec(clientLife, this::broken));
    }
  }

  private void dropAtServer() {
    serverOpen = false;
    member.sessions.remove(this);
  }

  private void broken() {
    if (!clientOpen) {
      return;
    }
    clientOpen = false;
    Call call = pending;
    pending = null;
    if (call != null) {
      call.then.accept(new Reply(Reply.Kind.BROKEN, null, "the session broke"));
    }
    onClose.run();
  }

  /** A call that is answered at once. */
  void ask(long within, Function<Member, Reply> work, Consumer<Reply> then) {
    call(within, (m, answer) -> answer.accept(work.apply(m)), then);
  }

  /** A call; whoever gets no answer within the bound gives the session up. */
  void call(long within, BiConsumer<Member, Consumer<Reply>> work, Consumer<Reply> then) {
    if (!clientOpen) {
      then.accept(new Reply(Reply.Kind.BROKEN, null, "the session is closed"));
      return;
    }
    int number = ++calls;
    pending = new Call(number, then);
    client.in(within, () -> timedOut(number));
    Network network = client.world.network;
    network.send(
        client.host,
        member.host,
        () ->
            member.exec(
                memberLife,
                () -> {
                  if (serverOpen) {
                    work.accept(member, reply -> answer(network, number, reply));
                  }
                }));
  }

  private void answer(Network network, int number, Reply reply) {
    if (serverOpen()) {
      network.send(
          member.host, client.host, () -> client.exec(clientLife, () -> answered(number, reply)));
    }
  }

  private void answered(int number, Reply reply) {
    if (clientOpen && pending != null && pending.number == number) {
      Call call = pending;
      pending = null;
      call.then.accept(reply);
    }
  }

  private void timedOut(int number) {
    if (clientOpen && pending != null && pending.number == number) {
      Call call = pending;
      close();
      call.then.accept(new Reply(Reply.Kind.TIMED_OUT, null, "no answer in time"));
    }
  }
}
