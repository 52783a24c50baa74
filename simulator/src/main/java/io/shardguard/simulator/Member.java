package io.shardguard.simulator;

import static io.shardguard.simulator.Agenda.MILLI;
import static io.shardguard.simulator.Agenda.SECOND;

import io.shardguard.events.Lsn;
import io.shardguard.events.MemberAddress;
import io.shardguard.events.Observation.Downstream;
import io.shardguard.events.Observation.MemberStatus;
import io.shardguard.events.Observation.Upstream;
import io.shardguard.events.Timeline;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/** One PostgreSQL server with its data: the model of what Shardguard relies on. */
final class Member extends Actor {

  private static final int RECORD = 200;

  final int group;
  final MemberAddress address;
  final List<Session> sessions = new ArrayList<>();

  /** The walsenders. */
  final List<Stream> streams = new ArrayList<>();

  // What is on disk.
  private Data data;
  private Data aside;
  private boolean rewinding;
  private boolean rogue;
  private boolean diskFull;
  private final Set<String> barred = new TreeSet<>();

  // What is in memory.
  private boolean accepting;
  private boolean inRecovery;
  private Instant startedAt;
  private Set<String> armed = Set.of();
  private boolean tampered;
  private int settings;
  private String upstream;
  private boolean connecting;
  private int attempt;
  private Stream upstreamStream;
  private boolean promoting;
  private final List<Commit> waiting = new ArrayList<>();

  /** A data directory. */
  static final class Data {
    Branch branch;
    long flushed;
    long consistentAt;
    int newestTimeline;
    boolean madeAnew;
    boolean recovery = true;
    Set<String> names = Set.of();

    Data copy() {
      Data copy = new Data();
      copy.branch = branch;
      copy.flushed = flushed;
      copy.consistentAt = consistentAt;
      copy.newestTimeline = newestTimeline;
      copy.madeAnew = madeAnew;
      copy.names = names;
      return copy;
    }
  }

  Member(World world, int group, MemberAddress address, long skew) {
    super(world, address.host(), skew);
    this.group = group;
    this.address = address;
  }

  String name() {
    return address.name();
  }

  // ---- data

  boolean hasData() {
    return data != null;
  }

  boolean hasPutAside() {
    return aside != null;
  }

  boolean rewinding() {
    return rewinding;
  }

  boolean diskFull() {
    return diskFull;
  }

  void diskFull(boolean full) {
    diskFull = full;
    if (full && alive() && writable()) {
      // WAL that cannot be written is a PANIC.
      in(world.chance.between(MILLI, SECOND), () -> crash("PANIC: no space left on device"));
    }
  }

  boolean rogue() {
    return rogue;
  }

  void noteRogue() {
    rogue = true;
  }

  Branch branch() {
    return data.branch;
  }

  long flushed() {
    return data == null ? 0 : data.flushed;
  }

  boolean holds(Branch branch, long lsn) {
    return data != null && Branch.holds(data.branch, data.flushed, branch, lsn);
  }

  /** initdb. */
  void create() {
    data = new Data();
    data.branch = world.branch(1, null, 0, null);
    data.flushed = 1_000_000;
    data.newestTimeline = 1;
    data.madeAnew = true;
  }

  /** A base backup of the primary, taken just now. */
  Data backup() {
    Data copy = data.copy();
    copy.consistentAt = copy.flushed;
    copy.names = Set.of();
    copy.madeAnew = false;
    return copy;
  }

  /** Old data is kept until the new streams; what is kept already is older, and stays. */
  void replaceData(Data next) {
    world.checks.destroys(this);
    if (aside == null) {
      aside = data;
    }
    data = next;
    rewinding = false;
  }

  void beginRewind() {
    if (aside == null) {
      aside = data.copy();
    }
    rewinding = true;
  }

  void rewind(Member primary) {
    world.checks.destroys(this);
    long common = Branch.common(data.branch, data.flushed, primary.data.branch);
    data.branch = primary.data.branch;
    data.flushed = common;
    data.consistentAt = primary.data.flushed;
    data.newestTimeline = primary.data.newestTimeline;
    data.names = Set.of();
  }

  void endRewind() {
    rewinding = false;
  }

  void bringBack() {
    data = aside;
    aside = null;
    rewinding = false;
  }

  void settle() {
    aside = null;
    rewinding = false;
    rogue = false;
  }

  boolean unsettled() {
    return aside != null || rewinding || rogue;
  }

  // ---- life

  boolean accepting() {
    return alive() && accepting;
  }

  boolean inRecovery() {
    return inRecovery;
  }

  /** Runs, and takes writes. */
  boolean writable() {
    return alive() && accepting && !inRecovery;
  }

  /** Starts the server: as a standby, streaming from {@code primary} if that is not null. */
  void start(String primary) {
    begin();
    startedAt = clock();
    accepting = false;
    promoting = false;
    armed = data.names;
    boolean asPrimary = world.conduct.lacks(Habit.STARTS_ARE_AS_STANDBY) && !data.recovery;
    inRecovery = !asPrimary;
    data.recovery = inRecovery;
    follow(primary);
    long took = world.chance.between(80 * MILLI, 600 * MILLI);
    in(took, diskFull ? () -> crash("no space left on device") : this::consistent);
  }

  private void consistent() {
    if (data.flushed >= data.consistentAt) {
      accepting = true;
      world.checks.changed(this);
    } else {
      in(100 * MILLI, this::consistent);
    }
  }

  /** The end of all its processes. */
  void crash(String reason) {
    if (!alive()) {
      return;
    }
    world.say("postgres", () -> name() + " ends: " + reason);
    List.copyOf(sessions).forEach(Session::terminate);
    List.copyOf(streams).forEach(Stream::closeSender);
    stopReceiver();
    waiting.clear();
    accepting = false;
    upstream = null;
    end();
    world.provisioner.exited(this, reason);
  }

  // ---- writing

  /** Writes a commit; answered once it may be acknowledged. */
  Commit commit(Consumer<Reply> answer) {
    data.flushed += RECORD + world.chance.between(0, 100);
    Commit commit = new Commit(this, data.branch, data.flushed, tampered, answer);
    streams.forEach(Stream::push);
    if (armed.isEmpty()) {
      release(commit);
    } else {
      waiting.add(commit);
      releaseWaiting();
    }
    return commit;
  }

  void releaseWaiting() {
    if (waiting.isEmpty()) {
      return;
    }
    long acknowledged = armed.isEmpty() ? Long.MAX_VALUE : -1;
    for (Stream stream : streams) {
      if (armed.contains(stream.receiver.name())) {
        acknowledged = Math.max(acknowledged, stream.reported());
      }
    }
    while (!waiting.isEmpty() && waiting.getFirst().lsn() <= acknowledged) {
      release(waiting.removeFirst());
    }
  }

  private void release(Commit commit) {
    world.checks.released(commit);
    commit.answer().accept(Reply.ok(commit));
  }

  // ---- settings

  Set<String> shownNames() {
    return data.names;
  }

  Set<String> armed() {
    return armed;
  }

  /** ALTER SYSTEM and reload; the checkpointer arms it a little later. */
  void setNames(Set<String> names) {
    data.names = new TreeSet<>(names);
    int version = ++settings;
    if (inRecovery) {
      armed = data.names;
      return;
    }
    in(
        world.chance.between(0, 600 * MILLI),
        () -> {
          if (version == settings) {
            arm();
          }
        });
  }

  private void arm() {
    armed = data.names;
    if (!armed.isEmpty()) {
      tampered = false;
    }
    world.checks.changed(this);
    releaseWaiting();
  }

  /** Somebody empties the setting by hand. */
  void tamper() {
    if (writable()) {
      tampered = true;
      setNames(Set.of());
      arm();
    }
  }

  boolean tampered() {
    return tampered;
  }

  /** A CHECKPOINT that returns: the checkpointer has passed the reload. */
  void checkpoint(Consumer<Reply> answer) {
    in(
        world.chance.between(5 * MILLI, 300 * MILLI),
        () -> {
          arm();
          answer.accept(Reply.ok(true));
        });
  }

  void bar(String from) {
    barred.add(from);
    List.copyOf(sessions).stream()
        .filter(session -> session.client.host.equals(from))
        .forEach(Session::terminate);
    List.copyOf(streams).stream()
        .filter(stream -> stream.receiver.host.equals(from))
        .forEach(Stream::closeSender);
  }

  void admit(String from) {
    barred.remove(from);
  }

  boolean bars(String from) {
    return !barred.isEmpty() && barred.contains(from);
  }

  /**
   * Asks another member, as Citus does for its clients; without an answer if either of them ends
   * meanwhile.
   *
   * @param work done there, and given the way back
   */
  void ask(Member other, Consumer<Consumer<Reply>> work, Consumer<Reply> then) {
    int asking = life();
    Consumer<Reply> back =
        reply -> world.network.send(other.host, host, () -> exec(asking, () -> then.accept(reply)));
    world.network.send(
        host,
        other.host,
        () -> {
          if (!other.alive()) {
            back.accept(Reply.failed("connection refused"));
          } else {
            other.exec(
                other.life(),
                () -> {
                  if (other.bars(host)) {
                    back.accept(Reply.failed("pg_hba.conf rejects the coordinator"));
                  } else {
                    work.accept(back);
                  }
                });
          }
        });
  }

  /** Ends all sessions but those of failover-coordinator and health-monitor. */
  void endSessions() {
    List.copyOf(sessions).stream()
        .filter(s -> !s.owner.service().equals(Coordinator.SERVICE))
        .filter(s -> !s.owner.service().equals(Monitor.SERVICE))
        .forEach(Session::terminate);
  }

  // ---- standby

  /** ALTER SYSTEM SET primary_conninfo, as a member's name; null for none. */
  void follow(String primary) {
    upstream = primary;
    int version = ++attempt;
    in(world.chance.between(MILLI, 60 * MILLI), () -> reconnect(version));
  }

  private void reconnect(int version) {
    if (version != attempt || !inRecovery || promoting) {
      return;
    }
    stopReceiver();
    if (upstream != null) {
      connect(version);
    }
  }

  private void stopReceiver() {
    connecting = false;
    Stream stream = upstreamStream;
    if (stream != null) {
      stream.closeReceiver();
    }
  }

  /** No walreceiver streams or connects. */
  boolean receiverGone() {
    return !connecting && upstreamStream == null;
  }

  private void connect(int version) {
    Member primary = world.member(upstream);
    int life = life();
    connecting = true;
    in(3 * SECOND, () -> connectFailed(version));
    world.network.send(
        host,
        primary.host,
        () -> {
          if (!primary.alive()) {
            world.network.send(primary.host, host, () -> exec(life, () -> connectFailed(version)));
          } else {
            primary.exec(primary.life(), () -> primary.accept(this, life, version));
          }
        });
  }

  private void connectFailed(int version) {
    if (version == attempt && connecting) {
      connecting = false;
      int next = ++attempt;
      in(world.chance.between(100 * MILLI, 400 * MILLI), () -> reconnect(next));
    }
  }

  /** A walreceiver comes. */
  private void accept(Member standby, int life, int version) {
    boolean welcome = accepting && !bars(standby.host) && suits(standby);
    world.network.send(
        host,
        standby.host,
        () ->
            standby.exec(
                life,
                () -> {
                  if (welcome && version == standby.attempt && standby.connecting && alive()) {
                    standby.connected(this);
                  } else {
                    standby.connectFailed(version);
                  }
                }));
  }

  /** What PostgreSQL compares: numbers and positions. */
  private boolean suits(Member standby) {
    Branch own = standby.data.branch.at(standby.data.flushed);
    Branch same = data.branch.numbered(own.number());
    return same != null && standby.data.flushed <= Math.min(data.flushed, data.branch.leaves(same));
  }

  private void connected(Member primary) {
    connecting = false;
    Branch own = data.branch.at(data.flushed);
    if (primary.data.branch.numbered(own.number()) != own) {
      world.checks.divergedStream(this, primary);
    }
    upstreamStream = new Stream(primary, this);
    primary.streams.add(upstreamStream);
    data.newestTimeline = Math.max(data.newestTimeline, primary.data.branch.number());
    upstreamStream.begin();
  }

  /** WAL arrived, and is flushed. */
  void receive(Branch from, long end) {
    if (end >= data.flushed) {
      data.branch = from;
      data.flushed = end;
      data.newestTimeline = Math.max(data.newestTimeline, from.number());
    }
  }

  void streamEnded(Stream stream) {
    if (upstreamStream == stream) {
      upstreamStream = null;
      int version = ++attempt;
      in(world.chance.between(20 * MILLI, 200 * MILLI), () -> reconnect(version));
    }
  }

  /** The member that it streams from; null if it does not. */
  Member streamsFrom() {
    return upstreamStream == null ? null : upstreamStream.sender;
  }

  Timeline newestTimeline() {
    return new Timeline(data.newestTimeline);
  }

  /** pg_promote. */
  void promote(String transition) {
    if (!inRecovery || promoting) {
      return;
    }
    promoting = true;
    attempt++;
    in(
        world.chance.between(15 * MILLI, 200 * MILLI),
        () -> {
          stopReceiver();
          upstream = null;
          Branch parent = data.branch.at(data.flushed);
          data.newestTimeline++;
          data.branch = world.branch(data.newestTimeline, parent, data.flushed, transition);
          data.flushed += RECORD;
          data.recovery = false;
          inRecovery = false;
          promoting = false;
          armed = data.names;
          tampered = false;
          world.checks.promoted(this, transition);
        });
  }

  // ---- what it says of itself

  MemberStatus status() {
    Branch at = data.branch.at(data.flushed);
    Timeline timeline = new Timeline(upstreamStream != null ? data.branch.number() : at.number());
    Lsn end = new Lsn(data.flushed);
    return new MemberStatus(
        inRecovery,
        timeline,
        end,
        inRecovery ? end : null,
        names(data.names),
        "on",
        upstreamStatus(),
        downstreams(),
        startedAt);
  }

  private Upstream upstreamStatus() {
    if (upstreamStream == null || !inRecovery) {
      return null;
    }
    MemberAddress from = upstreamStream.sender.address;
    return new Upstream(
        from.host(), from.port(), "streaming", upstreamStream.silenceAtReceiver() / MILLI);
  }

  private List<Downstream> downstreams() {
    List<Downstream> rows = new ArrayList<>();
    for (Stream stream : streams) {
      String standby = stream.receiver.name();
      rows.add(
          new Downstream(
              standby,
              stream.streaming() ? "streaming" : "catchup",
              data.names.contains(standby) ? "quorum" : "async",
              stream.streaming() ? new Lsn(stream.reported()) : null,
              stream.silenceAtSender() / MILLI,
              null));
    }
    rows.sort(
        java.util.Comparator.comparing(Downstream::standby).thenComparing(Downstream::replyMillis));
    return rows;
  }

  static String names(Set<String> standbys) {
    return standbys.isEmpty()
        ? ""
        : "ANY 1 (\"" + String.join("\", \"", new TreeSet<>(standbys)) + "\")";
  }
}
