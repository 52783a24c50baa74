package io.shardguard.simulator;

import static io.shardguard.simulator.Agenda.SECOND;

/** A walsender and the walreceiver that is connected to it. */
final class Stream {

  /** wal_sender_timeout and wal_receiver_timeout. */
  private static final long TIMEOUT = 5 * SECOND;

  final Member sender;
  final Member receiver;
  private final int senderLife;
  private final int receiverLife;
  private boolean senderOpen = true;
  private boolean receiverOpen = true;
  private boolean pumping;
  private long pumpedAt;
  private long heardBySender;
  private long heardByReceiver;
  private long reported = -1;

  Stream(Member sender, Member receiver) {
    this.sender = sender;
    this.receiver = receiver;
    this.senderLife = sender.life();
    this.receiverLife = receiver.life();
    heardBySender = now();
    heardByReceiver = now();
  }

  private World world() {
    return sender.world;
  }

  private long now() {
    return world().agenda.now();
  }

  boolean senderOpen() {
    return senderOpen && sender.life() == senderLife;
  }

  boolean receiverOpen() {
    return receiverOpen && receiver.life() == receiverLife;
  }

  /** What the receiver is known to have flushed; negative if it said nothing yet. */
  long reported() {
    return reported;
  }

  /** Age of the newest message that the sender got, in microseconds. */
  long silenceAtSender() {
    return now() - heardBySender;
  }

  long silenceAtReceiver() {
    return now() - heardByReceiver;
  }

  boolean streaming() {
    return reported >= 0;
  }

  /** Begins to stream. */
  void begin() {
    push();
    world().agenda.in(SECOND, this::tick);
  }

  /** There is WAL to send. */
  void push() {
    if (pumping || !senderOpen()) {
      return;
    }
    pumping = true;
    pumpedAt = now();
    long end = sender.flushed();
    Branch branch = sender.branch();
    world()
        .network
        .send(
            sender.host,
            receiver.host,
            () -> receiver.exec(receiverLife, () -> received(branch, end)));
  }

  private void received(Branch branch, long end) {
    if (!receiverOpen) {
      return;
    }
    heardByReceiver = now();
    if (receiver.diskFull()) {
      pumping = false;
      return;
    }
    receiver.receive(branch, end);
    reply();
  }

  /** The receiver says what it has flushed. */
  private void reply() {
    long flushed = receiver.flushed();
    world()
        .network
        .send(receiver.host, sender.host, () -> sender.exec(senderLife, () -> replied(flushed)));
  }

  private void replied(long flushed) {
    if (!senderOpen) {
      return;
    }
    heardBySender = now();
    pumping = false;
    reported = Math.max(reported, flushed);
    sender.releaseWaiting();
    if (sender.flushed() > reported) {
      push();
    }
  }

  /** Both sides speak once a second, and give up whom they did not hear for long. */
  private void tick() {
    if (senderOpen() && !sender.frozen()) {
      if (silenceAtSender() > TIMEOUT) {
        closeSender();
      } else {
        world()
            .network
            .send(
                sender.host,
                receiver.host,
                () -> receiver.exec(receiverLife, () -> heardByReceiver = now()));
        // TCP sends again what was lost.
        pumping &= now() - pumpedAt < SECOND;
        if (sender.flushed() > reported) {
          push();
        }
      }
    }
    if (receiverOpen() && !receiver.frozen()) {
      if (silenceAtReceiver() > TIMEOUT) {
        closeReceiver();
      } else {
        status();
      }
    }
    if (senderOpen() || receiverOpen()) {
      world().agenda.in(SECOND, this::tick);
    }
  }

  private void status() {
    long flushed = receiver.flushed();
    boolean again = receiver.diskFull();
    world()
        .network
        .send(
            receiver.host,
            sender.host,
            () ->
                sender.exec(
                    senderLife,
                    () -> {
                      if (senderOpen) {
                        heardBySender = now();
                        pumping &= !again && flushed < sender.flushed();
                        reported = reported < 0 ? -1 : Math.max(reported, flushed);
                        sender.releaseWaiting();
                      }
                    }));
  }

  /** The walsender ends; the walreceiver hears of it if it can. */
  void closeSender() {
    if (!senderOpen) {
      return;
    }
    senderOpen = false;
    sender.streams.remove(this);
    world()
        .network
        .send(sender.host, receiver.host, () -> receiver.exec(receiverLife, this::closeReceiver));
  }

  /** The walreceiver ends; the walsender hears of it if it can. */
  void closeReceiver() {
    if (!receiverOpen) {
      return;
    }
    receiverOpen = false;
    receiver.streamEnded(this);
    world()
        .network
        .send(receiver.host, sender.host, () -> sender.exec(senderLife, this::closeSender));
  }
}
